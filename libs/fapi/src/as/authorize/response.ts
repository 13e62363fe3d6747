import type { AuthorizationResponse } from '../../authorization-response.ts';
import type { OAuthErrorCode } from '../../errors.ts';
import type { ResponseMode } from '../../profile.ts';
import { AUTHORIZATION_RESPONSE_TYPE, authorizationResponseClaims } from '../../wire/jarm.ts';
import type { Engine } from '../engine.ts';
import type { PendingRequest } from './take-up.ts';

/** What goes home: a code, with an ID token where the response type has one; or an error. */
export type Answer =
  | { readonly code: string; readonly id_token?: string }
  | { readonly error: OAuthErrorCode; readonly error_description?: string };

/**
 * Sends an answer home the way the client asked for. RFC6749-4.1.2 [AUTH-11] [AUTH-13], RFC6749-4.1.2.1 [AUTH-14], RFC9207-2
 * [AUTH-10], JARM-2.3 [AUTH-19].
 *
 * `state` comes back when, and only when, it was sent. `iss` always, so that a client that knows several servers notices a
 * mix-up; in a signed response it is the claim of that name. An error is wrapped only when the client asked for signed
 * answers (JARM-2.1 [AUTH-23]), because it reads no others then, and no signed ones otherwise.
 */
export async function respond(as: Engine, pending: PendingRequest, answer: Answer): Promise<AuthorizationResponse> {
  const { responseMode, redirectUri } = pending.request;
  const parameters = isSigned(responseMode)
    ? { response: await signedResponse(as, pending, answer) }
    : { ...withState(pending, answer), iss: as.issuer };
  switch (responseMode) {
    case 'query':
    case 'query.jwt':
      return { kind: 'redirect', location: inQuery(redirectUri, parameters) };
    case 'fragment':
    case 'fragment.jwt':
      return { kind: 'redirect', location: `${redirectUri}#${encoded(parameters)}` };
    case 'form_post.jwt':
      return { kind: 'form_post', action: redirectUri, fields: parameters };
  }
}

const isSigned = (mode: ResponseMode): boolean => mode.endsWith('.jwt');

function withState({ request }: PendingRequest, answer: Answer): Record<string, string> {
  return { ...answer, ...(request.state === undefined ? {} : { state: request.state }) };
}

// FAPI2-MS-FINAL-5.4.1-1 [AUTH-22]: with a published key, under the algorithm the client registered.
function signedResponse(as: Engine, pending: PendingRequest, answer: Answer): Promise<string> {
  const { client } = pending;
  const response = { issuer: as.issuer, clientId: client.id, parameters: withState(pending, answer) };
  const claims = authorizationResponseClaims(response, as.clock.now(), as.profile.authorizationResponseLifetime);
  return as.keys.sign(client.authorizationResponseAlgorithm, AUTHORIZATION_RESPONSE_TYPE, claims);
}

// RFC6749-3.1.2 [AUTH-12]: a query that the redirect URI has already is kept.
function inQuery(redirectUri: string, parameters: Readonly<Record<string, string>>): string {
  const separator = redirectUri.includes('?') ? '&' : '?';
  return `${redirectUri}${separator}${encoded(parameters)}`;
}

const encoded = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString();
