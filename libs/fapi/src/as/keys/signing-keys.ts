import type { CryptoKey, JWK, JWTPayload } from 'jose';
import type { SigningAlgorithm } from '../../profile.ts';

/**
 * What this server signs, by its `typ`: access tokens (RFC9068-2.1), ID tokens (OIDC-CORE-2), introspection responses
 * (RFC9701-5), authorization responses (JARM). Closed, so that nothing signed for one use passes for another. RFC8725-3.11
 */
export type SignedType = 'at+jwt' | 'JWT' | 'token-introspection+jwt' | 'oauth-authz-resp+jwt';

/** The keys that sign tokens, one at a time per algorithm, each under its `kid`. OIDC-CORE-10.1 [TOK-34] */
export interface SigningKeys {
  /**
   * Signs with the key whose turn it is.
   * @throws TypeError when `exp` lies beyond what a key stays published for; nobody could verify it to its end
   */
  sign(alg: SigningAlgorithm, typ: SignedType, claims: JWTPayload): Promise<string>;
  /** The public key of this name for this algorithm, if it is published now. */
  verificationKey(kid: string, alg: string): CryptoKey | undefined;
  /** The public halves of what is published now, for the JWKS endpoint. RFC7517-5. */
  publicJwks(): { keys: JWK[] };
}
