import { createHash } from 'node:crypto';
import type { CryptoKey } from 'jose';
import type { Clock } from '../../clock.ts';
import type { AccessTokenExpectations, JudgedAccessToken } from '../../wire/access-token.ts';
import { judgeAccessToken } from '../../wire/access-token.ts';
import type { DetailType } from '../../wire/authorization-details.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';

/** How many tokens are remembered. Our choice: about two megabytes at most. */
export const MOST_REMEMBERED = 1_000;

interface Signer {
  readonly header: { readonly alg: string; readonly kid: string };
  readonly key: CryptoKey;
}

interface Remembered extends Signer {
  readonly judged: JudgedAccessToken;
  readonly judgedAt: Date;
}

/**
 * Judges access tokens of one issuer, and remembers those it found good: to verify a signature costs more than all the rest of
 * an introspection.
 *
 * It has no rule of its own. A remembered judgement counts from the moment it was made until the token expires, and while the key
 * of the token is still the one that is published under its name; everything else is judged anew. Refusals are never remembered.
 * Whether a token was revoked is no part of the judgement, and asked each time by whoever wants to know.
 */
export class JudgedTokens {
  readonly #expected: AccessTokenExpectations;
  readonly #most: number;
  /** By the hash of the whole token, so that a look at the memory yields none; the oldest first. */
  readonly #remembered = new Map<string, Remembered>();

  /** @param expected what every token is held against; fixed, so that a judgement is never used for another question */
  constructor(expected: AccessTokenExpectations, most = MOST_REMEMBERED) {
    this.#expected = expected;
    this.#most = most;
  }

  /** How many tokens are remembered at the moment. */
  get size(): number {
    return this.#remembered.size;
  }

  /** @throws OAuthError `invalid_token` with the precise reason, as {@link judgeAccessToken} does */
  async judge(token: string): Promise<JudgedAccessToken> {
    const name = createHash('sha256').update(token).digest('base64url');
    const known = this.#remembered.get(name);
    if (known !== undefined && (await this.#stillHolds(known))) return known.judged;
    this.#remembered.delete(name);
    return this.#judgeAnew(token, name);
  }

  async #stillHolds({ header, key, judged, judgedAt }: Remembered): Promise<boolean> {
    const now = this.#expected.clock.now();
    // A clock that was set back: what is not yet valid is for the rules to find.
    if (now < judgedAt || now >= judged.expiresAt) return false;
    return (await this.#expected.keys(header)) === key;
  }

  async #judgeAnew(token: string, name: string): Promise<JudgedAccessToken> {
    const judgedAt = this.#expected.clock.now();
    let signer: Signer | undefined;
    const judged = await judgeAccessToken(token, {
      ...this.#expected,
      keys: async (header) => {
        const key = await this.#expected.keys(header);
        signer = key && { header, key };
        return key;
      },
    });
    if (signer !== undefined) this.#remember(name, { ...signer, judged, judgedAt });
    return judged;
  }

  #remember(name: string, judgement: Remembered): void {
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= this.#most && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(name, judgement);
  }
}

/** What this server is, as far as its own access tokens are concerned. */
interface Issuer {
  readonly issuer: string;
  readonly detailTypes: readonly DetailType[];
  readonly keys: SigningKeys;
  readonly clock: Clock;
}

/** The access tokens of this server, for whatever audience they were issued. */
export function ownAccessTokens({ issuer, detailTypes, keys, clock }: Issuer): JudgedTokens {
  return new JudgedTokens({
    issuer,
    audience: [issuer, ...detailTypes.flatMap(({ locations }) => locations)],
    keys: ({ kid, alg }) => Promise.resolve(keys.verificationKey(kid, alg)),
    clock,
  });
}
