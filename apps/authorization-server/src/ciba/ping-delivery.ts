import { sendDuePings } from '@holdfast/fapi/as';
import type { Engine } from '@holdfast/fapi/as';
import type { Logger } from '@holdfast/host';

/** Injection token. */
export const PING_DELIVERY = Symbol('ping delivery');

/**
 * Sends pings beside whatever else happens: a person's page does not wait for a client's endpoint. What is due stands in the
 * store, so nothing is lost with this process; its housekeeping calls `send` from time to time.
 */
export class PingDelivery {
  readonly #engine: Engine;
  readonly #log: Logger;
  readonly #running = new Set<Promise<unknown>>();

  constructor(engine: Engine, log: Logger) {
    this.#engine = engine;
    this.#log = log;
  }

  /** Sends what is due. */
  send(): Promise<number> {
    return sendDuePings(this.#engine);
  }

  /** Begins to send what is due, and does not wait for it. */
  soon(): void {
    const sending = this.send()
      .catch((error: unknown) => this.#log.warn({ err: error }, 'pings could not be sent and will be tried again'))
      .finally(() => this.#running.delete(sending));
    this.#running.add(sending);
  }

  /** Waits for what was begun. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
  }
}
