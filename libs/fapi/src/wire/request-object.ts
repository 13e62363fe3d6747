import type { CryptoKey } from 'jose';
import { epochSeconds } from '../clock.ts';
import { refuse } from '../errors.ts';
import type { SigningAlgorithm } from '../profile.ts';
import { MAX_CLOCK_SKEW_SECONDS } from '../profile.ts';
import type { JwsClaims, KeyHeader } from './jws.ts';
import { audienceHas, dateClaim, isOddDate, JwsRefused, verifyJws } from './jws.ts';

/** RFC9101-10.8 gives it a type; older clients send none, or the general one. */
const TYPES = [undefined, 'jwt', 'oauth-authz-req+jwt'];

export interface RequestObjectExpectations {
  readonly clientId: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: (header: KeyHeader) => Promise<CryptoKey | undefined>;
  readonly issuer: string;
  /** Seconds that `exp` may lie behind `nbf`. */
  readonly maxAge: number;
  readonly maxLength: number;
  readonly now: Date;
}

/**
 * Verifies a signed request of a client, for the authorization endpoint or for CIBA. RFC9101-6.2 [PAR-16],
 * FAPI2-MS-FINAL-5.3.1, FAPI1-ADV-5.2.2, FAPI2-SP-FINAL-5.4.1-1 [PAR-17]. Whatever is wrong with it has one public code,
 * RFC9101-7 [PAR-08].
 *
 * @returns its claims; nothing outside them counts
 * @throws OAuthError `invalid_request_object`
 */
export async function verifyRequestObject(jws: string, expected: RequestObjectExpectations): Promise<JwsClaims> {
  const claims = await verified(jws, expected);
  // RFC9101-4 [PAR-07]: an object within the object, or a reference to one, would be a second request.
  if ('request' in claims || 'request_uri' in claims) throw faulty('request_object_nested');
  // RFC9126-3 [PAR-26], RFC9101-5: the client of the object is the client that is authenticated.
  if (claims['iss'] !== expected.clientId) throw faulty('request_object_client_mismatch');
  if (claims['client_id'] !== undefined && claims['client_id'] !== expected.clientId)
    throw faulty('request_object_client_mismatch');
  // FAPI2-MS-FINAL-5.3.1-2 [PAR-25], FAPI1-ADV-5.2.2-15: made for this server. A list is fine as long as we are in it.
  if (!audienceHas(claims, expected.issuer)) throw faulty('request_object_audience_wrong');
  checkTimes(claims, expected);
  return claims;
}

async function verified(jws: string, { algorithm, key, maxLength }: RequestObjectExpectations): Promise<JwsClaims> {
  try {
    return await verifyJws(jws, { algorithms: [algorithm], types: TYPES, key, maxLength });
  } catch (error) {
    if (error instanceof JwsRefused) throw faulty(`request_object_${error.fault}`);
    throw error;
  }
}

function checkTimes(claims: JwsClaims, { now, maxAge }: RequestObjectExpectations): void {
  const [exp, nbf] = [dateClaim(claims, 'exp'), dateClaim(claims, 'nbf')];
  // FAPI2-MS-FINAL-5.3.1-3, FAPI2-MS-FINAL-5.3.1-4 [PAR-19], FAPI1-ADV-5.2.2-13, FAPI1-ADV-5.2.2-17: both required, so
  // that a leaked request is of no use tomorrow.
  if (exp === undefined || nbf === undefined || isOddDate(claims, 'iat')) throw faulty('request_object_claims_missing');
  const seconds = epochSeconds(now);
  if (exp <= seconds - MAX_CLOCK_SKEW_SECONDS) throw faulty('request_object_expired');
  // FAPI2-MS-FINAL-5.3.1-3 [PAR-21], FAPI2-MS-FINAL-5.3.1-4 [PAR-20] [PAR-22]: no more than sixty minutes between them; what has not expired is
  // then never older than that either.
  if (exp - nbf > maxAge) throw faulty('request_object_lives_too_long');
  // FAPI2-SP-FINAL-5.3.2.1-13 [PAR-23] [PAR-24]
  if (Math.max(nbf, dateClaim(claims, 'iat') ?? 0) > seconds + MAX_CLOCK_SKEW_SECONDS)
    throw faulty('request_object_not_yet_valid');
}

const faulty = (reason: Extract<Parameters<typeof refuse>[1], `request_object_${string}`>) =>
  refuse('invalid_request_object', reason);
