import type { LiveTrust } from './live-trust.ts';
import { TRUST_FRESHNESS } from './trust-freshness.ts';

/** A certificate that this process presents. */
export interface HeldCertificate {
  /** Its name in the list of what may be issued: `bank/api`. */
  readonly name: string;
  /** `x5t#S256`. */
  readonly thumbprint: string;
  /** `x5t#S256` of the authority above it; undefined when it came without one. */
  readonly issuer: string | undefined;
  readonly notAfter: Date;
}

/** The version of a process that ends. */
const GONE = 0;

export interface Acknowledgement {
  /** Which process of its holder speaks, for there may be several: random, chosen at its start. */
  readonly instance: string;
  /** 0 from a process that ends. */
  readonly version: number;
  readonly certificates: readonly HeldCertificate[];
}

export interface AcknowledgementParts {
  readonly instance: string;
  readonly live: LiveTrust;
  /** The certificates presented now. */
  readonly held: () => readonly HeldCertificate[];
  readonly clock: { now(): Date };
}

/**
 * Tells the authority what is in force here, at every change of it and now and then between: a rotation waits until every process
 * trusts the new authorities, and then until every process presents only certificates of the new one.
 */
export class Acknowledgements {
  readonly #parts: AcknowledgementParts;
  #told = { text: '', at: 0 };

  constructor(parts: AcknowledgementParts) {
    this.#parts = parts;
  }

  /**
   * Sends what has changed since it was last sent, or the same when that is long ago; nothing before the authority has spoken.
   * @throws whatever `send` throws; then it is news still
   */
  async tell(send: (news: Acknowledgement) => Promise<unknown>): Promise<void> {
    const { instance, live, held, clock } = this.#parts;
    const news = { instance, version: live.version, certificates: held() };
    const told = { text: JSON.stringify(news), at: clock.now().getTime() };
    const isKnown = told.text === this.#told.text && told.at - this.#told.at < TRUST_FRESHNESS.presentMs;
    if (news.version === 0 || isKnown) return;
    await send(news);
    this.#told = told;
  }

  /**
   * Says that this process ends, if it ever said that it is there. That it could not be said is no failure: who is silent is waited
   * for no longer than the grace.
   */
  async leave(send: (news: Acknowledgement) => Promise<unknown>): Promise<void> {
    if (this.#told.text === '') return;
    const { instance } = this.#parts;
    await send({ instance, version: GONE, certificates: [] }).catch(() => undefined);
  }
}
