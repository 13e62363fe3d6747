/** Hands one thing to one holder at a time, first come first served. */
export class Turns {
  readonly #patience: number;
  readonly #waiting: (() => void)[] = [];
  #held = false;

  /** @param patience how long a caller waits for its turn, in milliseconds */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** True when it is the caller's turn, who must then call {@link pass}; false when the wait was too long. */
  async take(): Promise<boolean> {
    if (!this.#held) {
      this.#held = true;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const turn = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(turn), 1);
      resolve(false);
    }, this.#patience);
    this.#waiting.push(turn);
    return promise;
  }

  /** Ends the turn: the next in line holds the thing without a gap in which a newcomer could overtake. */
  pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#held = false;
  }
}
