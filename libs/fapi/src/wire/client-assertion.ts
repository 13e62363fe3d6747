import { decodeJwt } from 'jose';
import type { CryptoKey } from 'jose';
import { epochSeconds } from '../clock.ts';
import { refuse } from '../errors.ts';
import type { SigningAlgorithm } from '../profile.ts';
import { MAX_CLOCK_SKEW_SECONDS } from '../profile.ts';
import type { JwsClaims, KeyHeader } from './jws.ts';
import { audienceHas, dateClaim, isOddDate, JwsRefused, verifyJws } from './jws.ts';

/** RFC7523-2.2. */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** RFC7523-3 names no type; `client-authentication+jwt` is what its successor will ask for. */
const TYPES = [undefined, 'jwt', 'client-authentication+jwt'];

export interface ClientAssertionExpectations {
  readonly clientId: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: (header: KeyHeader) => Promise<CryptoKey | undefined>;
  /** This text alone, as `aud`; or, where the profile permits endpoints, one of these, alone or in a list with the issuer. */
  readonly audience: { readonly issuer: string; readonly endpoints: readonly string[] };
  /** Seconds `exp` may lie ahead. */
  readonly maxLifetime: number;
  readonly maxLength: number;
  readonly now: Date;
}

/** An assertion that is good in itself; whether it was used before is for the store to say. */
export interface VerifiedAssertion {
  readonly jti: string;
  /** From here on nobody can use it any more, so nobody needs to remember it. */
  readonly forgetAfter: Date;
}

/**
 * Who an assertion claims to be from, before anything of it was verified: good for finding the registration to verify it
 * against, and for nothing else.
 */
export function claimedIssuer(assertion: string): string | undefined {
  try {
    const { sub } = decodeJwt(assertion);
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Verifies a client assertion. OIDC-CORE-9, RFC7523-3 [TOK-13], FAPI2-SP-FINAL-5.3.2.1-8, FAPI2-SP-FINAL-5.4.1-1 [TOK-14].
 * @throws OAuthError `invalid_client`
 */
export async function verifyClientAssertion(
  assertion: string,
  expected: ClientAssertionExpectations,
): Promise<VerifiedAssertion> {
  const claims = await verified(assertion, expected);
  // RFC7523-3-1, RFC7523-3-2 [TOK-09]: issuer and subject are the client itself.
  if (claims['iss'] !== expected.clientId || claims['sub'] !== expected.clientId)
    throw refuse('invalid_client', 'client_assertion_subject_mismatch');
  checkAudience(claims, expected.audience);
  const expiresAt = checkTimes(claims, expected);
  const { jti } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > 256)
    throw refuse('invalid_client', 'client_assertion_claims_missing', { evidence: { claim: 'jti' } });
  return { jti, forgetAfter: new Date((expiresAt + MAX_CLOCK_SKEW_SECONDS) * 1000) };
}

async function verified(assertion: string, expected: ClientAssertionExpectations): Promise<JwsClaims> {
  const { algorithm, key, maxLength } = expected;
  try {
    return await verifyJws(assertion, { algorithms: [algorithm], types: TYPES, key, maxLength });
  } catch (error) {
    if (error instanceof JwsRefused) throw refuse('invalid_client', `client_assertion_${error.fault}`);
    throw error;
  }
}

// FAPI2-SP-FINAL-5.3.2.1-8 [POL-02] [POL-03]: the issuer, as one string. An assertion made for the token endpoint of an
// attacker's server, whose metadata names ours as its token endpoint, would otherwise be good here too (CVE-2025-27370,
// CVE-2025-27371).
function checkAudience(claims: JwsClaims, { issuer, endpoints }: ClientAssertionExpectations['audience']): void {
  if (claims['aud'] === issuer) return;
  // RFC9126-2 [POL-04], CIBA-CORE-7.1: the older profiles let a client name the endpoint it talks to, or a list with the
  // issuer in it.
  if (endpoints.length > 0 && [issuer, ...endpoints].some((url) => audienceHas(claims, url))) return;
  throw refuse('invalid_client', 'client_assertion_audience_wrong');
}

function checkTimes(claims: JwsClaims, { now, maxLifetime }: ClientAssertionExpectations): number {
  const exp = dateClaim(claims, 'exp');
  if (exp === undefined || isOddDate(claims, 'nbf') || isOddDate(claims, 'iat'))
    throw refuse('invalid_client', 'client_assertion_claims_missing', { evidence: { claim: 'exp, nbf or iat' } });
  const seconds = epochSeconds(now);
  if (exp <= seconds - MAX_CLOCK_SKEW_SECONDS) throw refuse('invalid_client', 'client_assertion_expired');
  // RFC7523-3-4 [TOK-11]: an assertion that lives for a year is a password.
  if (exp > seconds + maxLifetime) throw refuse('invalid_client', 'client_assertion_lives_too_long');
  // FAPI2-SP-FINAL-5.3.2.1-13 [TOK-12]
  const latest = Math.max(dateClaim(claims, 'nbf') ?? 0, dateClaim(claims, 'iat') ?? 0);
  if (latest > seconds + MAX_CLOCK_SKEW_SECONDS) throw refuse('invalid_client', 'client_assertion_not_yet_valid');
  return exp;
}
