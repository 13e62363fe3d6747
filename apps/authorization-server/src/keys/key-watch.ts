import { setTimeout as sleep } from 'node:timers/promises';
import { sameGeneration } from '@holdfast/fapi/as';
import type { KeyRing } from '@holdfast/fapi/as';
import type { Logger } from '@holdfast/host';
import type { StoredGenerations } from './stored-generations.ts';

/** Milliseconds between two looks. Our choice, no clause: a new generation signs 75 s later, and each look is one small query. */
const INTERVAL = 1_000;

/** Keeps the ring of this process as the store has it, whichever process rotated. */
export class KeyWatch {
  readonly #ring: KeyRing;
  readonly #stored: StoredGenerations;
  readonly #log: Pick<Logger, 'info' | 'warn'>;
  readonly #stop = new AbortController();
  #problem: unknown;
  #running: Promise<void> | undefined;

  constructor(ring: KeyRing, stored: StoredGenerations, log: Pick<Logger, 'info' | 'warn'>) {
    this.#ring = ring;
    this.#stored = stored;
    this.#log = log;
  }

  /** Looks now. @throws SealBroken, or what the database throws; the ring then stays as it was */
  async look(): Promise<void> {
    const held = this.#ring.generations;
    const there = await this.#stored.list();
    if (there.length === held.length && there.every((it, index) => sameGeneration(it, held[index]))) return;
    await this.#ring.take(await this.#stored.load());
    this.#log.info({ generations: this.#ring.generations }, 'signing keys taken from the store');
  }

  /** Looks regularly until {@link close}. */
  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** @throws Error while the ring may miss a generation: this process would sign with a key that others have retired */
  checkReady(): void {
    if (this.#problem !== undefined) throw new Error('the signing keys cannot be read', { cause: this.#problem });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await sleep(INTERVAL, undefined, { signal, ref: false }).catch(() => undefined);
      await this.#tryToLook();
    }
  }

  async #tryToLook(): Promise<void> {
    try {
      await this.look();
      this.#problem = undefined;
    } catch (error) {
      // Once when it begins: what is tried every second fails every second.
      if (this.#problem === undefined) this.#log.warn({ err: error }, 'the signing keys cannot be read, trying on');
      this.#problem = error;
    }
  }
}
