import * as oauth from 'oauth4webapi';
import { checkIdToken } from '../checks/id-token.ts';
import { checkTokenResponse } from '../checks/token-response.ts';
import { isOpenId } from '../client-file.ts';
import { judging } from '../library-refusal.ts';
import { direct, plain, withNonce } from '../relying-party.ts';
import type { Party } from '../relying-party.ts';
import type { Checked } from '../steps.ts';
import type { Attempt } from './push-request.ts';
import type { JudgedAnswer } from './read-answer.ts';

/** Tokens that passed every check, and whom they are about. */
export interface Granted {
  readonly tokens: oauth.TokenEndpointResponse;
  /** `sub` of the ID token; undefined where there is none. */
  readonly subject: string | undefined;
}

/** Exchanges the code. RFC6749-4.1.3, RFC7636-4.5. */
export function redeemCode(party: Party, attempt: Attempt, answer: JudgedAnswer): Promise<Granted> {
  const { server, client, auth } = party;
  const openId = isOpenId(party.file.scope);
  return receive(party, 'tokens', {
    ask: () =>
      oauth.authorizationCodeGrantRequest(
        server,
        client,
        auth,
        answer.parameters,
        attempt.redirectUri,
        attempt.codeVerifier,
        direct(party),
      ),
    read: (response) =>
      oauth.processAuthorizationCodeResponse(server, client, response, {
        ...(openId ? { expectedNonce: attempt.nonce, requireIdToken: true } : {}),
      }),
    subject: answer.subject,
    nonce: openId,
  });
}

/** Fetches a new access token. RFC6749-6; an ID token that comes along is about the same person, OIDC-CORE-12.2. */
export function refreshTokens(party: Party, { tokens, subject }: Granted): Promise<Granted> {
  const { server, client, auth } = party;
  return receive(party, 'refresh', {
    ask: () => oauth.refreshTokenGrantRequest(server, client, auth, tokens.refresh_token ?? '', direct(party)),
    read: (response) => oauth.processRefreshTokenResponse(server, client, response),
    subject,
    nonce: false,
  });
}

/** RFC6749-4.4.2: for the client itself, with nobody logged in. */
export function requestAsClient(party: Party, form: URLSearchParams): Promise<Granted> {
  const { server, client, auth } = party;
  return receive(party, 'tokens', {
    ask: () => oauth.clientCredentialsGrantRequest(server, client, auth, form, direct(party)),
    read: (response) => oauth.processClientCredentialsResponse(server, client, response),
    subject: undefined,
    nonce: false,
  });
}

/** CIBA-CORE-10.1: one attempt to fetch what the person decided about. */
export function redeemBackchannelRequest(party: Party, authReqId: string): Promise<Granted> {
  const { server, client, auth } = party;
  return receive(party, 'tokens', {
    ask: () => oauth.backchannelAuthenticationGrantRequest(server, client, auth, authReqId, direct(party)),
    read: (response) => oauth.processBackchannelAuthenticationGrantResponse(server, client, response),
    subject: undefined,
    nonce: false,
  });
}

interface Exchange {
  readonly ask: () => Promise<Response>;
  readonly read: (response: Response) => Promise<oauth.TokenEndpointResponse>;
  /** Whom an earlier ID token was about. */
  readonly subject: string | undefined;
  /** Whether a nonce was sent, and so checked. */
  readonly nonce: boolean;
}

function receive(party: Party, title: string, { ask, read, subject, nonce }: Exchange): Promise<Granted> {
  return party.steps.step(title, async (checked) => {
    const { response, tokens } = await withNonce(party, () =>
      judging('token_response', async () => {
        const response = await ask();
        return { response, tokens: await read(response) };
      }),
    );
    checkTokenResponse(tokens, party.file);
    checked(`type ${tokens.token_type}`);
    const claims = await judgeIdToken(party, response, tokens, subject);
    if (claims !== undefined) tellIdToken(checked, nonce);
    return { tokens, subject: claims?.sub ?? subject };
  });
}

async function judgeIdToken(
  party: Party,
  response: Response,
  tokens: oauth.TokenEndpointResponse,
  subject: string | undefined,
): Promise<oauth.IDToken | undefined> {
  const { server, client, now } = party;
  const { id_token: idToken, access_token: accessToken } = tokens;
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (claims === undefined || idToken === undefined) return undefined;
  // OIDC-CORE-3.1.3.7-6: with a direct TLS answer the signature need not be checked, and the library does not; it is
  // checked all the same.
  await judging('id_token', () => oauth.validateApplicationLevelSignature(server, response, plain(party)));
  checkIdToken(claims, { clientId: client.client_id, idToken, accessToken, subject, now: now() / 1000 });
  return claims;
}

function tellIdToken(checked: Checked, nonce: boolean): void {
  checked(`ID token: signature, alg, iss, aud, exp, iat${nonce ? ', nonce' : ''}`);
}
