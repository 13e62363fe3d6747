import { errors, jwtVerify } from 'jose';
import type { CryptoKey, JWTPayload } from 'jose';
import type { Clock } from '../clock.ts';
import { epochSeconds } from '../clock.ts';
import type { Reason } from '../errors.ts';
import { OAuthError, refuse } from '../errors.ts';
import { ACCESS_TOKEN_ALGORITHM, MAX_CLOCK_SKEW_SECONDS } from '../profile.ts';
import type { AuthorizationDetail } from './authorization-details.ts';
import { parseIssuedDetails } from './authorization-details.ts';
import { isCompactJws } from './compact-jws.ts';
import type { Confirmation } from './confirmation.ts';

/** `typ` of a JWT access token. RFC9068-2.1. An ID token or any other JWT of the same issuer does not carry it. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/** What a Holdfast access token says. RFC9068-2.2, RFC8705-3.1, RFC9396-9.1; `grant_id` is our own claim. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly client_id: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly scope?: string;
  readonly grant_id: string;
  readonly cnf: Confirmation;
  readonly authorization_details?: readonly AuthorizationDetail[];
}

/** Claims after signature, type, issuer, audience and times were judged; the confirmation has not been compared yet. */
export interface JudgedAccessToken {
  readonly tokenId: string;
  readonly grantId: string;
  readonly clientId: string;
  readonly subject: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly scopes: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  /** Unjudged: goes to `checkConfirmation`. */
  readonly cnf: unknown;
}

/** Finds the issuer's public key for a token header; `undefined` when there is none. May throw `temporarily_unavailable`. */
export type KeySource = (header: { readonly alg: string; readonly kid: string }) => Promise<CryptoKey | undefined>;

export interface AccessTokenExpectations {
  readonly issuer: string;
  /** One of these must be named in `aud`. */
  readonly audience: string | readonly string[];
  readonly keys: KeySource;
  readonly clock: Clock;
}

/**
 * Judges an access token in the order of RFC9068-4 [RS-12]: algorithm and signature [RS-06], `typ` [RS-08], issuer [RS-09],
 * audience [RS-10], times [RS-11].
 * @throws OAuthError `invalid_token` with the precise reason
 */
export async function judgeAccessToken(token: string, expected: AccessTokenExpectations): Promise<JudgedAccessToken> {
  const now = expected.clock.now();
  const payload = await verifiedPayload(token, expected, now);
  // RFC7519-4.1.6: jose accepts any `iat`; a token from the future is a forged or a misdated one.
  if (typeof payload.iat !== 'number' || payload.iat > epochSeconds(now) + MAX_CLOCK_SKEW_SECONDS)
    throw refuse('invalid_token', 'token_not_yet_valid');
  return fromClaims(payload);
}

async function verifiedPayload(token: string, expected: AccessTokenExpectations, now: Date): Promise<JWTPayload> {
  if (!isCompactJws(token)) throw refuse('invalid_token', 'token_malformed');
  try {
    const { payload } = await jwtVerify(token, (header) => keyFor(expected.keys, header), {
      algorithms: [ACCESS_TOKEN_ALGORITHM],
      typ: ACCESS_TOKEN_TYPE,
      issuer: expected.issuer,
      audience: [expected.audience].flat(),
      requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti', 'grant_id'],
      currentDate: now,
    });
    return payload;
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    throw refuse('invalid_token', reasonOf(error));
  }
}

async function keyFor(keys: KeySource, header: { alg?: string; kid?: string }): Promise<CryptoKey> {
  const { alg, kid } = header;
  if (typeof alg !== 'string' || typeof kid !== 'string') throw refuse('invalid_token', 'token_signature_invalid');
  const key = await keys({ alg, kid });
  if (key === undefined)
    throw refuse('invalid_token', 'token_signature_invalid', { evidence: { kid: kid.slice(0, 64) } });
  return key;
}

/** jose names what failed; we keep the distinction for the audit trail and tell the caller nothing of it. */
function reasonOf(error: unknown): Reason {
  if (error instanceof errors.JOSEAlgNotAllowed) return 'token_algorithm_not_allowed';
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token_signature_invalid';
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error.claim, error.reason);
  return 'token_malformed';
}

function reasonOfClaim(claim: string, reason: string): Reason {
  if (reason === 'missing' && claim !== 'typ') return 'token_claims_missing';
  switch (claim) {
    case 'typ':
      return 'token_type_wrong';
    case 'iss':
      return 'token_issuer_wrong';
    case 'aud':
      return 'token_audience_wrong';
    case 'nbf':
      return 'token_not_yet_valid';
    default:
      return 'token_malformed';
  }
}

function fromClaims(payload: JWTPayload): JudgedAccessToken {
  return {
    tokenId: text(payload, 'jti'),
    grantId: text(payload, 'grant_id'),
    clientId: text(payload, 'client_id'),
    subject: text(payload, 'sub'),
    issuedAt: date(payload, 'iat'),
    expiresAt: date(payload, 'exp'),
    scopes: typeof payload['scope'] === 'string' ? payload['scope'].split(' ') : [],
    authorizationDetails: parseIssuedDetails(payload['authorization_details']),
    cnf: payload['cnf'],
  };
}

function text(payload: JWTPayload, claim: string): string {
  const value = payload[claim];
  if (typeof value !== 'string' || value === '')
    throw refuse('invalid_token', 'token_claims_missing', { evidence: { claim } });
  return value;
}

/** RFC7519-2 allows any number; one beyond the calendar is no date, and every comparison with it is false. */
function date(payload: JWTPayload, claim: 'iat' | 'exp'): Date {
  const value = new Date((payload[claim] ?? Number.NaN) * 1000);
  if (Number.isNaN(value.getTime())) throw refuse('invalid_token', 'token_malformed', { evidence: { claim } });
  return value;
}
