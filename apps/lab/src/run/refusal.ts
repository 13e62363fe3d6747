import type { WireAnswer } from '../wire/wire-answer.ts';

/** One exact way of saying no. A case names the ways that are right for it; any other answer proves nothing. */
export interface Refusal {
  readonly name: string;
  readonly clause: string;
  matches(answer: WireAnswer): boolean;
}

function http(name: string, clause: string, status: number, error: string): Refusal {
  return {
    name,
    clause,
    matches: (answer) =>
      answer.kind === 'http' && answer.status === status && answer.error === error && answer.besides.length === 0,
  };
}

function grpc(name: string, clause: string, code: number): Refusal {
  return { name, clause, matches: (answer) => answer.kind === 'grpc' && answer.code === code };
}

/** The token is no good here, whatever is wrong with it. RFC6750-3.1 */
export const R401 = http('401 invalid_token', 'RFC6750-3.1', 401, 'invalid_token');
/** Nobody authenticated. RFC6749-5.2 */
export const IC = http('401 invalid_client', 'RFC6749-5.2', 401, 'invalid_client');
/** The code or refresh token is not this caller's to use. RFC6749-5.2 */
export const IG = http('400 invalid_grant', 'RFC6749-5.2', 400, 'invalid_grant');
/** RFC6749-5.2 */
export const IR = http('400 invalid_request', 'RFC6749-5.2', 400, 'invalid_request');

/** A request without any token: the bare challenge, which tells nothing. RFC6750-3.1 */
export const CHALLENGE: Refusal = {
  name: '401 with the bare challenge',
  clause: 'RFC6750-3.1',
  matches: (answer) => answer.kind === 'http' && answer.status === 401 && /^Bearer\b/i.test(answer.challenge ?? ''),
};
/** The peer ended the connection before any HTTP response. No particular alert is expected. RFC8446-6.2 */
export const TLSX: Refusal = {
  name: 'connection ended in TLS',
  clause: 'RFC8446-6.2',
  matches: (answer) => answer.kind === 'cut-off',
};
/** A page for a person that says no; its `error-code` is in the answer's error. */
export const PAGE_400: Refusal = {
  name: '400 with an error page',
  clause: 'RFC9110-15.5.1',
  matches: (answer) => answer.kind === 'http' && answer.status === 400 && answer.error !== undefined,
};
/** gRPC: known, and not allowed. */
export const PD = grpc('gRPC 7 PERMISSION_DENIED', 'GRPC-STATUS-7', 7);
/** gRPC: nothing below the call came about, here because the handshake failed. */
export const UN14 = grpc('gRPC 14 UNAVAILABLE', 'GRPC-STATUS-14', 14);
/** gRPC: there is no such method. */
export const UNIMPLEMENTED = grpc('gRPC 12 UNIMPLEMENTED', 'GRPC-STATUS-12', 12);
/** A person looking at the page, or a client looking at its tokens, finds nothing of what the attacker wrote. */
export const WITHOUT_EFFECT: Refusal = {
  name: 'without effect',
  clause: 'RFC9126-4',
  matches: (answer) => answer.kind === 'seen' && answer.refused,
};
