import type { Attack } from '../run/attack.ts';
import type { AttackResult } from '../run/run-attacks.ts';
import type { Language } from '../run/text.ts';
import { say } from '../run/text.ts';
import { padded, wrap } from './display-width.ts';
import type { Paint, Palette, Terminal } from './palette.ts';
import { paletteOf } from './palette.ts';
import type { Summary } from './result-summary.ts';
import { summarize } from './result-summary.ts';
import { WORDS } from './words.ts';

/** A line of a cell and how it is painted; painting comes last, because colour has no width. */
interface Line {
  readonly text: string;
  readonly paint: Paint;
}
type Cell = readonly Line[];

/** Below this width the columns become too thin to read, and each case is a block of lines instead. */
const NARROW = 96;
const GAP = 2;

/** The table of a whole run, row by row, as the cases end. */
export class AttackTable {
  readonly #width: number;
  readonly #palette: Palette;
  readonly #language: Language;

  constructor({ width, colours }: Pick<Terminal, 'width' | 'colours'>, language: Language) {
    this.#width = width;
    this.#palette = paletteOf({ colours });
    this.#language = language;
  }

  header(): string {
    if (this.#width < NARROW) return `${this.#rule()}\n`;
    const names = [WORDS.attack, WORDS.control, WORDS.real, WORDS.reason] as const;
    const cells = names.map((name): Cell => [{ text: say(name, this.#language), paint: this.#palette.heading }]);
    return `${this.#columns(cells)}${this.#rule()}\n`;
  }

  row(result: AttackResult): string {
    const summary = summarize(result, this.#language);
    const body = this.#width < NARROW ? this.#block(result.attack, summary) : this.#cells(result.attack, summary);
    return `${body}${this.#rule()}\n`;
  }

  #cells(attack: Attack, summary: Summary): string {
    const { quiet, stolen } = this.#palette;
    const [first, second, third, fourth] = this.#widths();
    const cells: Cell[] = [
      [...this.#title(attack, first), ...lines(say(attack.story, this.#language), first, quiet)],
      [
        ...lines(`${attack.control}:`, second, quiet),
        ...lines(summary.control, second, stolen),
        ...summary.loot.flatMap((loot) => lines(loot, second)),
      ],
      [
        ...lines(summary.real, third, this.#palette[PAINT[summary.outcome]]),
        ...summary.answers.flatMap((answer) => lines(answer, third)),
      ],
      [
        ...summary.reasons.flatMap((reason) => lines(reason, fourth)),
        ...summary.problems.flatMap((problem) => lines(problem, fourth, this.#palette.open)),
      ],
    ];
    return this.#columns(cells);
  }

  #block(attack: Attack, summary: Summary): string {
    const { quiet, stolen } = this.#palette;
    const indent = '    ';
    const inner = this.#width - indent.length;
    const block: Line[] = [
      ...lines(say(attack.story, this.#language), inner, quiet),
      ...lines(`${attack.control}: ${[summary.control, ...summary.loot].join(', ')}`, inner, stolen),
      ...lines(`${say(WORDS.real, this.#language)}: ${summary.real}`, inner, this.#palette[PAINT[summary.outcome]]),
      ...[...summary.answers, ...summary.reasons].flatMap((text) => lines(`  ${text}`, inner)),
      ...summary.problems.flatMap((problem) => lines(problem, inner, this.#palette.open)),
    ];
    const title = this.#title(attack, this.#width).map(({ text, paint }) => paint(text));
    return [...title, ...block.map(({ text, paint }) => indent + paint(text)), ''].join('\n');
  }

  #title(attack: Attack, width: number): Cell {
    return lines(`${attack.id}  ${say(attack.title, this.#language)}`, width, this.#palette.heading);
  }

  /** Lays cells side by side, each wrapped already, and ends every line without trailing spaces. */
  #columns(cells: readonly Cell[]): string {
    const widths = this.#widths();
    const height = Math.max(...cells.map((cell) => cell.length));
    let text = '';
    for (let y = 0; y < height; y += 1) {
      const parts = cells.map((cell, x) => {
        const line = cell[y];
        const isLast = x === cells.length - 1;
        const placed = isLast ? (line?.text ?? '') : padded(line?.text ?? '', (widths[x] ?? 0) + GAP);
        return line === undefined ? placed : line.paint(placed);
      });
      text += `${parts.join('').trimEnd()}\n`;
    }
    return text;
  }

  #widths(): readonly [number, number, number, number] {
    const rest = this.#width - 3 * GAP;
    const [second, third, fourth] = [Math.floor(rest * 0.17), Math.floor(rest * 0.2), Math.floor(rest * 0.24)];
    return [rest - second - third - fourth, second, third, fourth];
  }

  #rule(): string {
    return this.#palette.quiet('─'.repeat(this.#width));
  }
}

const PAINT = { refused: 'refused', stolen: 'stolen', inconclusive: 'open' } as const;

function lines(text: string, width: number, paint: Paint = (plain) => plain): Cell {
  return wrap(text, width).map((line) => ({ text: line, paint }));
}
