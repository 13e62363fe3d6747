import type { Logger } from '@holdfast/host';

/**
 * Tells the log of an outage once when it begins and once when it ends. What is tried twice a second fails twice a second,
 * and a log full of one line hides all others.
 */
export class Outage {
  readonly #log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  readonly #what: string;
  #lasting = false;

  /** @param what is failing, as the subject of a sentence */
  constructor(log: Pick<Logger, 'debug' | 'info' | 'warn'>, what: string) {
    this.#log = log;
    this.#what = what;
  }

  failed(error: unknown): void {
    const level = this.#lasting ? 'debug' : 'warn';
    this.#lasting = true;
    this.#log[level]({ problem: problemOf(error) }, `${this.#what}: no success, trying on`);
  }

  succeeded(): void {
    if (this.#lasting) this.#log.info(`${this.#what}: works again`);
    this.#lasting = false;
  }
}

/** The message with the one behind it: `fetch failed` alone says nothing. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
