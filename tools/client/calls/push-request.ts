import * as oauth from 'oauth4webapi';
import { isOpenId } from '../client-file.ts';
import { naming, signingKey } from '../client-keys.ts';
import { judging } from '../library-refusal.ts';
import { direct, withNonce } from '../relying-party.ts';
import type { Party } from '../relying-party.ts';

/** What one attempt keeps to itself until its answer comes. FAPI2-SP-FINAL-5.3.3.1-12. */
export interface Attempt {
  readonly responseType: 'code' | 'code id_token';
  readonly responseMode: string | undefined;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

export function newAttempt(request: Pick<Attempt, 'responseType' | 'responseMode' | 'redirectUri'>): Attempt {
  return {
    ...request,
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    codeVerifier: oauth.generateRandomCodeVerifier(),
  };
}

/**
 * Pushes the request, signed where the profile signs. RFC9126-2.1, RFC7636-4.3, RFC9101-4.
 * @returns the request URI
 */
export function pushRequest(party: Party, attempt: Attempt): Promise<string> {
  return party.steps.step('pushed request', async (checked) => {
    const wanted = await requestParameters(party, attempt);
    const signs = party.file.profile !== 'fapi2-security';
    const pushed = await withNonce(party, async () =>
      judging('pushed_request', async () => {
        const { server, client, auth } = party;
        const form = signs ? new URLSearchParams({ request: await requestObject(party, wanted) }) : wanted;
        const response = await oauth.pushedAuthorizationRequest(server, client, auth, form, direct(party));
        return oauth.processPushedAuthorizationResponse(server, client, response);
      }),
    );
    checked(signs ? 'sent as a signed request object' : 'sent with PKCE S256');
    checked(`request_uri for ${pushed.expires_in} s`);
    return pushed.request_uri;
  });
}

async function requestParameters({ file }: Party, attempt: Attempt): Promise<URLSearchParams> {
  const { responseType, responseMode, redirectUri, state, nonce, codeVerifier } = attempt;
  const parameters: Record<string, string | undefined> = {
    client_id: file.client_id,
    response_type: responseType,
    response_mode: responseMode,
    redirect_uri: redirectUri,
    scope: file.scope,
    state,
    nonce: isOpenId(file.scope) ? nonce : undefined,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    authorization_details: jsonOf(file.authorization_details),
  };
  return formOf(parameters);
}

/** The form of those parameters that have a value. */
export function formOf(parameters: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return new URLSearchParams(given);
}

export const jsonOf = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value));

/** RFC9101-4, FAPI2-MS-FINAL-5.3.2: the parameters as claims, for this server, for a minute. */
export async function requestObject({ file, server, client }: Party, parameters: URLSearchParams): Promise<string> {
  const { key, kid, alg } = await signingKey(file, file.request_object_signing_alg);
  return oauth.issueRequestObject(server, client, parameters, { key, kid }, naming(alg));
}
