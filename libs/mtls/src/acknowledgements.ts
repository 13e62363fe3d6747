import type { LiveTrust } from './live-trust.ts';

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

export interface Acknowledgement {
  readonly version: number;
  readonly certificates: readonly HeldCertificate[];
}

/**
 * Tells the authority what is in force here, once for every change of it: a rotation waits until every process trusts the new
 * authorities, and then until every process presents only certificates of the new one.
 */
export class Acknowledgements {
  readonly #live: LiveTrust;
  readonly #held: () => readonly HeldCertificate[];
  #told = '';

  /** @param held the certificates presented now */
  constructor(live: LiveTrust, held: () => readonly HeldCertificate[]) {
    this.#live = live;
    this.#held = held;
  }

  /**
   * Sends what has changed since it was last sent; nothing before the authority has spoken.
   * @throws whatever `send` throws; then it is news still
   */
  async tell(send: (news: Acknowledgement) => Promise<unknown>): Promise<void> {
    const news = { version: this.#live.version, certificates: this.#held() };
    const text = JSON.stringify(news);
    if (news.version === 0 || text === this.#told) return;
    await send(news);
    this.#told = text;
  }
}
