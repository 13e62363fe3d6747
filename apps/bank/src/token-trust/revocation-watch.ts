import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@holdfast/fapi';
import type { RevocationView } from '@holdfast/fapi/rs';
import type { Logger } from '@holdfast/host';
import type { RevocationUpdate, TokenStatusClient } from '@holdfast/rpc/authorization';
import { Outage } from './outage.ts';
import { RevocationList } from './revocation-list.ts';

/** Milliseconds. Our choices, no clause; together they are the promise that a revocation bites within two seconds. */
export const MOST_SILENCE = 2_000;
export const INTROSPECTION_DEADLINE = 500;
const RECONNECT = { first: 50, longest: 500 };

export interface RevocationWatchParts {
  readonly tokenStatus: Pick<TokenStatusClient, 'introspect' | 'watchRevocations'>;
  readonly clock: Clock;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** How long the list may be taken for complete without a word from the authorization server. */
  readonly silence: number;
  readonly introspectionDeadline: number;
}

/**
 * FAPI2-SP-FINAL-5.3.4-3 [RS-21]. Knows of revocations as they happen; asks when it is no longer sure; says `unknown`
 * when nobody answers.
 */
export class RevocationWatch implements RevocationView {
  readonly #parts: RevocationWatchParts;
  readonly #list: RevocationList;
  readonly #stop = new AbortController();
  readonly #stream: Outage;
  readonly #introspection: Outage;
  #running: Promise<void> | undefined;

  constructor(parts: RevocationWatchParts) {
    this.#parts = parts;
    this.#list = new RevocationList(parts.elapsed);
    this.#stream = new Outage(parts.log, 'following revocations');
    this.#introspection = new Outage(parts.log, 'asking for the status of a token');
  }

  /** The engine's question. Never throws: `unknown` makes the engine answer 503. */
  async check(tokenId: string, grantId: string): Promise<'active' | 'revoked' | 'unknown'> {
    if (this.#list.has(tokenId, grantId)) return 'revoked';
    if (this.#list.age() <= this.#parts.silence) return 'active';
    return this.#introspect(tokenId, grantId);
  }

  /** @throws Error while the list may miss something: the process is not ready */
  checkReady(): void {
    if (this.#list.age() > this.#parts.silence) throw new Error('no word of revocations from the authorization server');
  }

  /** Follows the stream until {@link close}; whenever it breaks, opens it again. */
  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pause = RECONNECT.first;
    while (!this.#stop.signal.aborted) {
      const heard = await this.#follow();
      pause = heard ? RECONNECT.first : Math.min(pause * 2, RECONNECT.longest);
      await sleep(pause, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
    }
  }

  async #introspect(tokenId: string, grantId: string): Promise<'active' | 'revoked' | 'unknown'> {
    try {
      const deadlineMs = this.#parts.introspectionDeadline;
      const { active } = await this.#parts.tokenStatus.introspect({ tokenId, grantId }, { deadlineMs });
      this.#introspection.succeeded();
      return active ? 'active' : 'revoked';
    } catch (error) {
      // Fail closed: an authorization server that cannot be asked is not one that said yes.
      this.#introspection.failed(error);
      return 'unknown';
    }
  }

  /** One life of the stream; true when anything was heard in it. */
  async #follow(): Promise<boolean> {
    let heard = false;
    // A connection can be dead without an error. Silence counts as one, so that a new stream is tried.
    const silence = new Alarm(this.#parts.silence);
    try {
      const signal = AbortSignal.any([this.#stop.signal, silence.signal]);
      // From the beginning, every time: a restored database of the authorization server counts from another cursor.
      for await (const update of this.#parts.tokenStatus.watchRevocations({ sinceCursor: 0 }, { signal })) {
        silence.postpone();
        this.#take(update);
        this.#stream.succeeded();
        heard = true;
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#stream.failed(error);
    } finally {
      silence.cancel();
    }
    return heard;
  }

  #take(update: RevocationUpdate): void {
    try {
      this.#list.add(update.revocations);
    } catch (error) {
      this.#list.doubt();
      throw error;
    }
    if (update.snapshotComplete) this.#list.confirmComplete();
    this.#list.drop(this.#parts.clock.now());
  }
}

/** Aborts its signal when it was not postponed for `milliseconds`. */
class Alarm {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), milliseconds);
    this.#timer.unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  postpone(): void {
    this.#timer.refresh();
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
