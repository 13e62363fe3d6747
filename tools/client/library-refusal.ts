import * as oauth from 'oauth4webapi';
import { RULES, Refused, RefusedByServer, oneLine } from './refusal.ts';
import type { Reason } from './refusal.ts';

/** What was being judged when the protocol library refused; the beginning of the reasons it can end in. */
export type Judged =
  | 'metadata'
  | 'pushed_request'
  | 'answer'
  | 'jarm'
  | 'id_token'
  | 'token_response'
  | 'userinfo'
  | 'introspection'
  | 'revocation'
  | 'backchannel';

/** Runs a piece of the protocol library and says its refusals in the words of this client. */
export async function judging<T>(judged: Judged, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw inOurWords(judged, error);
  }
}

/**
 * @returns what the error means here; the error itself when it is not the library's: those are ours already, or faults of
 * ours
 */
function inOurWords(judged: Judged, error: unknown): unknown {
  if (error instanceof oauth.ResponseBodyError)
    return new RefusedByServer(oneLine(error.error), said(error), { cause: error });
  if (error instanceof oauth.AuthorizationResponseError)
    return new RefusedByServer(oneLine(error.error), said(error), { cause: error });
  if (error instanceof oauth.WWWAuthenticateChallengeError) return challenged(error);
  if (error instanceof oauth.UnsupportedOperationError)
    return new Refused(unsupported(judged, error), { detail: oneLine(error.message), cause: error });
  if (!(error instanceof oauth.OperationProcessingError)) return error;
  const unexpected = unexpectedStatus(judged, error);
  if (unexpected !== undefined) return unexpected;
  return new Refused(reasonOf(judged, error), { detail: detailOf(error), cause: error });
}

const said = (error: { error_description?: string | undefined }): string => oneLine(error.error_description ?? '');

function challenged(error: oauth.WWWAuthenticateChallengeError): RefusedByServer {
  const [challenge] = error.cause;
  const { error: code = `http_${error.status}`, error_description: description } = challenge?.parameters ?? {};
  return new RefusedByServer(oneLine(code), description === undefined ? undefined : oneLine(description), {
    cause: error,
  });
}

/** RFC8414-3.2, RFC6749-5.1: a status nobody expects. A redirect is refused by us, an error by them. */
function unexpectedStatus(judged: Judged, error: oauth.OperationProcessingError): Error | undefined {
  if (error.code !== oauth.RESPONSE_IS_NOT_CONFORM) return undefined;
  const { status = 0 } = (error.cause ?? {}) as { status?: number };
  const detail = `status ${status}`;
  if (status >= 300 && status < 400) {
    const reason = judged === 'metadata' ? 'discovery_redirected' : 'back_channel_redirected';
    return new Refused(reason, { detail, cause: error });
  }
  if (status >= 400) return new RefusedByServer(`http_${status}`, 'without an OAuth error', { cause: error });
  return new Refused(`${judged === 'id_token' || judged === 'jarm' ? 'token_response' : judged}_malformed`, {
    detail,
    cause: error,
  });
}

/** The library knows neither the signature algorithm nor the token type. */
function unsupported(judged: Judged, error: Error): Reason {
  if (/token_type/.test(error.message)) return 'token_type_wrong';
  if (/implicit and hybrid/.test(error.message)) return 'answer_not_asked_for';
  const signed = artefact(judged, error);
  return signed === 'jarm' || signed === 'id_token' ? `${signed}_alg_wrong` : `${signed}_malformed`;
}

/** The library has few codes and tells cases apart by words and evidence; whatever is not recognised is still a refusal. */
function reasonOf(judged: Judged, error: oauth.OperationProcessingError): Reason {
  const part = artefact(judged, error);
  const words = error.message;
  if (error.code === oauth.HTTP_REQUEST_FORBIDDEN || error.code === oauth.REQUEST_PROTOCOL_FORBIDDEN)
    return 'endpoint_not_https';
  if (error.code === oauth.MISSING_SERVER_METADATA || error.code === oauth.INVALID_SERVER_METADATA)
    return 'endpoint_missing';
  if (error.code === oauth.JSON_ATTRIBUTE_COMPARISON)
    return part === 'userinfo' ? 'userinfo_sub_wrong' : 'issuer_mismatch';
  if (error.code === oauth.JWT_TIMESTAMP_CHECK)
    return known(part, evidence(error, 'claim') === 'exp' ? 'expired' : 'iat_wrong');
  if (error.code === oauth.KEY_SELECTION || /signature/.test(words)) return known(part, 'signature_wrong');
  if (/"alg"/.test(words)) return known(part, 'alg_wrong');
  if (/untrusted audiences/.test(words)) return known(part, 'aud_untrusted');
  if (/only once/.test(words)) return known(part, 'repeated');
  if (/"id_token" property|does not contain an ID Token/.test(words)) return 'id_token_absent';
  if (/Authorization Code/.test(words)) return 'answer_code_missing';
  const name = evidence(error, 'claim') ?? /"(\w+)"/.exec(words)?.[1] ?? '';
  return known(part, `${name}_${/missing/.test(words) ? 'missing' : 'wrong'}`);
}

/** An answer of the token endpoint holds an ID token, and a hybrid answer too: what does the library speak of? */
function artefact(judged: Judged, error: Error): Judged {
  if (judged !== 'token_response' && judged !== 'answer') return judged;
  const ofToken = /\bJWT\b|ID Token|JWS/.test(error.message) || evidence(error, 'claims') !== undefined;
  return ofToken ? 'id_token' : judged;
}

function known(part: Judged, ending: string): Reason {
  const reason = `${part}_${ending}`;
  return reason in RULES ? (reason as Reason) : `${part}_malformed`;
}

function evidence(error: Error, member: string): string | undefined {
  const value = (error.cause as Record<string, unknown> | undefined)?.[member];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : 'something';
}

/** What was seen and what was expected, where the library says so and it is no secret. */
function detailOf(error: oauth.OperationProcessingError): string | undefined {
  const { expected, claims, claim, attribute, body, header } = (error.cause ?? {}) as {
    expected?: unknown;
    claims?: Record<string, unknown>;
    claim?: string;
    attribute?: string;
    body?: Record<string, unknown>;
    header?: { alg?: unknown };
  };
  const seen = claim === undefined ? (attribute === undefined ? header?.alg : body?.[attribute]) : claims?.[claim];
  const telling = ['iss', 'aud', 'exp', 'iat', 'issuer', undefined];
  if (seen === undefined || !telling.includes(claim ?? attribute)) return undefined;
  const instead = expected === undefined ? '' : ` instead of ${oneLine(JSON.stringify(expected))}`;
  return `${oneLine(JSON.stringify(seen))}${instead}`;
}
