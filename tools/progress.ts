import { styleText, stripVTControlCharacters } from 'node:util';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MILLISECONDS = 90;

/** Where a step tells what it is doing just now. */
export type Say = (what: string) => void;

/**
 * Shows steps one after the other on standard error: at a terminal one living line with its time, elsewhere plain lines that read
 * well in a file.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #living: boolean;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    this.#living = stream.isTTY && process.env.CI === undefined;
  }

  /** Runs one step, shown by its title; what it throws is shown as failed and thrown on. */
  async step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
    const began = performance.now();
    const line = this.#living ? this.#livingLine(title, began) : this.#plainLines(title);
    try {
      const result = await work(line.say);
      line.end(`${styleText('green', '✔')} ${title} ${styleText('dim', since(began))}`);
      return result;
    } catch (error) {
      line.end(`${styleText('red', '✖')} ${title} ${styleText('dim', since(began))}`);
      throw error;
    }
  }

  #livingLine(title: string, began: number): { say: Say; end: (text: string) => void } {
    let said = '';
    let frame = 0;
    const draw = (): void => {
      const mark = FRAMES[frame++ % FRAMES.length] ?? '';
      const text = `  ${mark} ${title}  ${since(began)}  ${said}`;
      this.#stream.write(`\r\u001b[K${clip(text, (this.#stream.columns || 80) - 1)}`);
    };
    draw();
    const timer = setInterval(draw, FRAME_MILLISECONDS);
    return {
      say: (what) => (said = stripVTControlCharacters(what).replace(/\s+/g, ' ')),
      end: (text) => {
        clearInterval(timer);
        this.#stream.write(`\r\u001b[K  ${text}\n`);
      },
    };
  }

  #plainLines(title: string): { say: Say; end: (text: string) => void } {
    let said = '';
    return {
      say: (what) => {
        if (what === said) return;
        said = what;
        this.#stream.write(`    ${title}: ${stripVTControlCharacters(what).trim()}\n`);
      },
      end: (text) => this.#stream.write(`  ${text}\n`),
    };
  }
}

function since(began: number): string {
  const seconds = (performance.now() - began) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}
