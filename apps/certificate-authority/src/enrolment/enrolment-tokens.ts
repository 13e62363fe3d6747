import type { Random } from '@holdfast/host';
import type { SingleUse } from '@holdfast/store';
import { unauthenticated } from './request-refused.ts';

const KIND = 'enrolment_token';
const BITS = 256;
/** Milliseconds a token waits for its use. Our choice, no clause. */
const LIFE = 24 * 3_600_000;

/** One-time passwords with which a holder that has no certificate yet gets its first. RFC7030-3.2.3. */
export class EnrolmentTokens {
  readonly #singleUse: SingleUse;

  /** @param singleUse keeps them as hashes */
  constructor(singleUse: SingleUse) {
    this.#singleUse = singleUse;
  }

  /** @returns the token and its end; it is kept nowhere in clear */
  async make(holder: string, random: Random, now: Date): Promise<{ readonly token: string; readonly until: Date }> {
    const token = random.token(BITS);
    const until = new Date(now.getTime() + LIFE);
    await this.#singleUse.create(KIND, keyOf(holder, token), { holder }, until);
    return { token, until };
  }

  /**
   * Looks whether the token is this holder's and unused. Takes nothing: a request that fails for another reason may be mended.
   * @throws RequestRefused 401
   */
  async check(holder: string, token: string, now: Date): Promise<void> {
    const found = await this.#singleUse.find(KIND, keyOf(holder, token), now);
    if (found === undefined) throw unauthenticated('token_unknown', { holder });
    if (found.used) throw unauthenticated('token_used', { holder });
  }

  /**
   * Takes the token: of all who try, ever and anywhere, one succeeds.
   * @param within the transaction in which the certificate is written down: both or neither
   * @throws RequestRefused 401
   */
  async take(within: SingleUse, holder: string, token: string, now: Date): Promise<void> {
    const taken = await within.redeem(KIND, keyOf(holder, token), now);
    if (!taken.won) throw unauthenticated(`token_${taken.why === 'absent' ? 'unknown' : taken.why}`, { holder });
  }
}

/** The holder is part of the key: a token in the wrong hands is no token. */
const keyOf = (holder: string, token: string): string => `${holder} ${token}`;
