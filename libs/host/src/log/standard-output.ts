/** Longest time a line waits to be written with others, in milliseconds. Our choice: a person does not see it. */
const GATHERED_FOR = 50;

/** pino tells the level of the line it writes to a stream with this member. */
const WANTS_LEVEL = Symbol.for('pino.metadata');
const WARN = 40;

/**
 * Gathers lines for a moment and writes them at once: a write for each answered request would cost more than the rules the
 * request has passed. From a warning on, everything goes out immediately; so does what is left when the process exits.
 */
export class StandardOutput {
  readonly [WANTS_LEVEL] = true;
  /** pino's number of the level; set by pino before each write. */
  lastLevel = WARN;
  readonly #out: (text: string) => unknown;
  #gathered = '';

  /**
   * @param out writes a text before it returns
   * @param process tells of its exit
   */
  constructor(out: (text: string) => unknown, process: { once(event: 'exit', listener: () => void): unknown }) {
    this.#out = out;
    process.once('exit', () => this.flush());
  }

  write(line: string): void {
    if (this.#gathered === '') setTimeout(() => this.flush(), GATHERED_FOR).unref();
    this.#gathered += line;
    if (this.lastLevel >= WARN) this.flush();
  }

  flush(): void {
    if (this.#gathered === '') return;
    const text = this.#gathered;
    this.#gathered = '';
    this.#out(text);
  }
}
