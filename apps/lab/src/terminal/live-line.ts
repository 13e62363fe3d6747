import { headOf } from './display-width.ts';
import type { Terminal } from './palette.ts';

/** One line at the bottom of a terminal that says what is going on; not there at all when the output is a file. */
export class LiveLine {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(text: string): void {
    if (this.#terminal.isTerminal) this.#terminal.write(`\r\u001b[2K${headOf(text, this.#terminal.width - 1)}`);
  }

  clear(): void {
    if (this.#terminal.isTerminal) this.#terminal.write('\r\u001b[2K');
  }
}
