import type { WireAnswer } from '../wire/wire-answer.ts';

/** One exact way of saying no. A case names the ways that are right for it; any other answer proves nothing. */
export interface Refusal {
  readonly name: string;
  matches(answer: WireAnswer): boolean;
}

function http(name: string, status: number, error: string): Refusal {
  return {
    name,
    matches: (answer) =>
      answer.kind === 'http' && answer.status === status && answer.error === error && answer.besides.length === 0,
  };
}

function grpc(name: string, code: number): Refusal {
  return { name, matches: (answer) => answer.kind === 'grpc' && answer.code === code };
}

/** The token is no good here, whatever is wrong with it. RFC6750-3.1 */
export const R401 = http('401 invalid_token', 401, 'invalid_token');
/** Nobody authenticated. RFC6749-5.2 */
export const IC = http('401 invalid_client', 401, 'invalid_client');
/** The code or refresh token is not this caller's to use. RFC6749-5.2 */
export const IG = http('400 invalid_grant', 400, 'invalid_grant');
/** RFC6749-5.2 */
export const IR = http('400 invalid_request', 400, 'invalid_request');

/** More, or something else, than may be asked for. RFC9396-5 */
export const IAD = http('400 invalid_authorization_details', 400, 'invalid_authorization_details');

/** Each scheme a token may be sent under, and for DPoP how a proof may be signed; nothing of what was wrong. RFC9449-7.1 */
const BARE_CHALLENGE = /^Bearer *(?:, *DPoP algs="[\w ]+" *)?$/i;
/** A request without any token: the bare challenge, which tells nothing. RFC6750-3.1 */
export const CHALLENGE: Refusal = {
  name: '401 with the bare challenge',
  matches: (answer) => answer.kind === 'http' && answer.status === 401 && BARE_CHALLENGE.test(answer.challenge ?? ''),
};
/** The peer ended the connection before any HTTP response. No particular alert is expected. RFC8446-6.2 */
export const TLSX: Refusal = {
  name: 'connection ended in TLS',
  matches: (answer) => answer.kind === 'cut-off',
};
/** A page for a person that says no; its `error-code` is in the answer's error. */
export const PAGE_400: Refusal = {
  name: '400 with an error page',
  matches: (answer) => answer.kind === 'http' && answer.status === 400 && answer.error !== undefined,
};
/** gRPC: known, and not allowed. */
export const PD = grpc('gRPC 7 PERMISSION_DENIED', 7);
/** gRPC: nothing below the call came about, here because the handshake failed. */
export const UN14 = grpc('gRPC 14 UNAVAILABLE', 14);
/** gRPC: there is no such method. */
export const UNIMPLEMENTED = grpc('gRPC 12 UNIMPLEMENTED', 12);
/** A person looking at the page, or a client looking at its tokens, finds nothing of what the attacker wrote. */
export const WITHOUT_EFFECT: Refusal = {
  name: 'without effect',
  matches: (answer) => answer.kind === 'seen' && answer.refused,
};
