import * as client from 'openid-client';
import { Problem } from '../pages/problem.ts';

/** Codes of the OAuth library that mean: nobody spoke to us, or not in time. */
const AWAY = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT']);

/** Whether the other side could not be reached, or is in trouble itself, as opposed to having answered wrongly. */
export function isAway(error: unknown): boolean {
  // fetch throws a TypeError for everything from an unknown name to a refused certificate; a TypeError with a code of its
  // own is the library complaining about its arguments.
  if (error instanceof TypeError) return !('code' in error);
  if (!(error instanceof client.ClientError)) return false;
  return AWAY.has(error.code ?? '') || (error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' && statusOf(error.cause) >= 500);
}

/** Why metadata could not be taken, in one word for the audit trail. */
export function discoveryFault(error: unknown): string {
  if (error instanceof Problem) return error.reason ?? error.kind;
  if (isAway(error)) return isCertificateFault(error) ? 'server_certificate_refused' : 'unreachable';
  if (!(error instanceof client.ClientError)) return 'metadata_unusable';
  switch (error.code) {
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return 'issuer_mismatch';
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
      return Math.trunc(statusOf(error.cause) / 100) === 3 ? 'redirect_not_followed' : 'metadata_status_unexpected';
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
      return 'metadata_not_json';
    case 'OAUTH_HTTP_REQUEST_FORBIDDEN':
      return 'endpoint_not_https';
    default:
      return 'metadata_unusable';
  }
}

/** Status of the response the library complains about; 0 when it is another complaint. */
function statusOf(cause: unknown): number {
  const status = (cause as { status?: unknown } | undefined)?.status;
  return typeof status === 'number' ? status : 0;
}

/** Node's names for a chain or a name that does not hold: `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID` … */
export function isCertificateFault(error: unknown): boolean {
  const code = (error as { cause?: { code?: unknown } }).cause?.code;
  return typeof code === 'string' && /CERT|ERR_TLS|SELF_SIGNED|UNABLE_TO|PURPOSE/.test(code);
}

/** What was wrong with a token response or its ID token. OIDC-CORE-3.1.3.7, RFC6749-5.1. */
export function tokenResponseFault(error: unknown): string {
  if (error instanceof client.ResponseBodyError) return `token_endpoint_${plainCode(error.error)}`;
  if (!(error instanceof client.ClientError)) return 'token_response_unusable';
  const claim = causeOf(error, 'claim');
  switch (error.code) {
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return typeof claim === 'string' ? `id_token_${claim}_mismatch` : 'id_token_claim_mismatch';
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return claim === 'exp' ? 'id_token_expired' : 'id_token_not_yet_valid';
    case 'OAUTH_KEY_SELECTION_FAILED':
      return 'id_token_key_unknown';
    case 'OAUTH_INVALID_RESPONSE':
    case 'OAUTH_PARSE_ERROR':
      return invalidResponseFault(error);
    default:
      return 'token_response_unusable';
  }
}

/** The library has one code for these and tells them apart in words only; an unknown wording is still a refusal. */
function invalidResponseFault(error: client.ClientError): string {
  const words = error.cause instanceof Error ? error.cause.message : error.message;
  const missing = /JWT "(\w+)".* claim missing/.exec(words)?.[1];
  if (missing !== undefined) return `id_token_${missing}_missing`;
  if (/signature/i.test(words)) return 'id_token_signature_invalid';
  if (/"alg"/.test(words)) return 'id_token_algorithm_not_allowed';
  if (/"id_token" property/.test(words)) return 'id_token_missing';
  if (/JWT|ID Token/.test(words)) return 'id_token_malformed';
  return 'token_response_malformed';
}

function causeOf(error: Error, member: string): unknown {
  const cause = error.cause instanceof Error ? error.cause.cause : error.cause;
  return (cause as Record<string, unknown> | undefined)?.[member];
}

/** An error code of the other side, if it looks like one: it goes into the audit trail and onto a page. */
export const plainCode = (code: string): string => (/^[a-z_]{1,40}$/.test(code) ? code : 'other');
