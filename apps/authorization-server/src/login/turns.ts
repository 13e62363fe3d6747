/** So many at a time, so many waiting, and nobody else. */
export class Turns {
  readonly #parallel: number;
  readonly #waitingAtMost: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(parallel: number, waitingAtMost: number) {
    this.#parallel = parallel;
    this.#waitingAtMost = waitingAtMost;
  }

  /**
   * Does some work when its turn comes, in the order of asking.
   * @returns undefined, with nothing done, when too many are waiting already
   */
  async take<T extends object>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#running < this.#parallel) this.#running += 1;
    else if (this.#waiting.length >= this.#waitingAtMost) return undefined;
    else await new Promise<void>((turn) => this.#waiting.push(turn));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, not given back: nobody who comes now overtakes who waits.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
