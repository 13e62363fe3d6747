import { randomBytes } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Http } from './wire/http.ts';
import { Person, offeredAccounts } from './wire/person.ts';
import { BOUND, within } from './wire/within.ts';

// A certified client library that knows nothing of this platform does the whole flow of FAPI 2.0 with mutual TLS.
const { home, urls } = inject('world');
const http = new Http(home, 'developer/client');
const withoutCertificate = new Http(home);
afterAll(async () => {
  await http.close();
  await withoutCertificate.close();
});

const issuer = new URL(urls.issuer);
const client: oauth.Client = { client_id: 'developer', use_mtls_endpoint_aliases: true };
const clientAuth = oauth.TlsClientAuth();
const redirectUri = 'https://client.developer.localhost/callback';
const options = {
  [oauth.customFetch]: async (url: string, init: object): Promise<Response> =>
    await undiciFetch(url, { ...init, dispatcher: http.dispatcher }),
};

const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const nonce = oauth.generateRandomNonce();
const details = [{ type: 'account_information', actions: ['list_accounts', 'read_balances'], locations: [urls.bank] }];

let as: oauth.AuthorizationServer;
let tokens: oauth.TokenEndpointResponse;
let subject: string;
const bank = (path: string, token = tokens.access_token): Promise<Response> =>
  oauth.protectedResourceRequest(token, 'GET', new URL(`${urls.bank}${path}`), undefined, undefined, options);

describe('an outside client library', () => {
  beforeAll(async () => {
    const found = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oidc' });
    as = await oauth.processDiscoveryResponse(issuer, found);
  });

  it('finds the same document in both well-known places [RFC8414-3]', async () => {
    const found = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
    expect(await oauth.processDiscoveryResponse(issuer, found)).toEqual(as);
  });

  it('finds the mTLS names of the back channel, and no other name among them [RFC8705-5]', () => {
    const aliases = as.mtls_endpoint_aliases ?? {};
    expect(aliases.token_endpoint).toBe(`${urls.mtlsIssuer}/token`);
    for (const name of Object.keys(aliases)) {
      expect(name).toMatch(/_endpoint$/);
      expect(as).toHaveProperty(name);
    }
    expect(aliases).not.toHaveProperty('authorization_endpoint');
    expect(aliases).not.toHaveProperty('jwks_uri');
  });

  it('pushes, has the person agree, and redeems [FAPI2-SP-FINAL-5.3.3]', async () => {
    const parameters = {
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid profile',
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify(details),
    };
    const pushed = await oauth.pushedAuthorizationRequest(as, client, clientAuth, parameters, options);
    expect(pushed.status).toBe(201);
    const { request_uri: requestUri } = await oauth.processPushedAuthorizationResponse(as, client, pushed);

    const callback = await agree(requestUri);
    expect(callback.origin + callback.pathname).toBe(redirectUri);
    const answer = oauth.validateAuthResponse(as, client, callback, state);
    const redeemed = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      clientAuth,
      answer,
      redirectUri,
      verifier,
      options,
    );
    tokens = await oauth.processAuthorizationCodeResponse(as, client, redeemed, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    expect(tokens.token_type).toBe('bearer'); // The library compares without regard to case.
    expect(tokens.refresh_token).toEqual(expect.any(String));
  });

  it('verifies the ID token with the published key [OIDC-CORE-3.1.3.7] [OIDC-CORE-10.1] [TOK-34]', async () => {
    const redeemed = new Response(JSON.stringify(tokens), { headers: { 'content-type': 'application/json' } });
    await oauth.processAuthorizationCodeResponse(as, client, redeemed, { expectedNonce: nonce });
    await oauth.validateApplicationLevelSignature(as, redeemed, options);
    subject = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? '';
    expect(subject).not.toBe('');
  });

  it('reads userinfo of the same person [OIDC-CORE-5.3.2] [INFO-11]', async () => {
    const answer = await oauth.userInfoRequest(as, client, tokens.access_token, options);
    const person = await oauth.processUserInfoResponse(as, client, subject, answer);
    expect(person).toMatchObject({ sub: subject, name: 'Alice' });
  });

  it('reads at the bank what was granted and nothing more [RFC9396-7] [TOK-46]', async () => {
    const { accounts } = (await (await bank('/accounts')).json()) as {
      accounts: { id: string; display_name: string }[];
    };
    expect(accounts.map((account) => account.display_name)).toEqual(['Everyday account']);
    const account = accounts[0]?.id ?? '';
    expect((await bank(`/accounts/${account}/balances`)).status).toBe(200);
    const refused = await bank(`/accounts/${account}/transactions`).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
    const { status, cause } = refused as oauth.WWWAuthenticateChallengeError;
    expect([status, cause[0]?.parameters['error']]).toEqual([403, 'insufficient_scope']);
  });

  it('refreshes and keeps its refresh token [FAPI2-SP-FINAL-5.3.2.1-9] [TOK-30]', async () => {
    const old = tokens.refresh_token ?? '';
    const answer = await oauth.refreshTokenGrantRequest(as, client, clientAuth, old, options);
    const refreshed = await oauth.processRefreshTokenResponse(as, client, answer);
    expect(refreshed.refresh_token).toBeUndefined();
    expect(refreshed.access_token).not.toBe(tokens.access_token);
    expect((await bank('/accounts', refreshed.access_token)).status).toBe(200);
  });

  it('is told by introspection what the token is bound to [RFC8705-3.2] [INFO-04]', async () => {
    const answer = await oauth.introspectionRequest(as, client, clientAuth, tokens.access_token, options);
    const told = await oauth.processIntrospectionResponse(as, client, answer);
    expect(told).toMatchObject({ active: true, client_id: 'developer', sub: subject });
    expect(told.cnf?.['x5t#S256']).toMatch(/^[\w-]{43}$/);
  });

  it('cannot use its token from a connection without the certificate [RFC8705-3]', async () => {
    const answer = await withoutCertificate.ask(`${urls.bank}/accounts`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('invalid_token'),
    ]);
  });

  it('revokes, and the bank refuses within two seconds on every token of the grant [RFC7009-2] [FAPI2-SP-FINAL-5.3.4-3] [RS-21]', async () => {
    const answer = await oauth.revocationRequest(as, client, clientAuth, tokens.refresh_token ?? '', options);
    await oauth.processRevocationResponse(answer);
    const statusNow = () =>
      bank('/accounts').then(
        ({ status }) => status,
        (error: unknown) => (error as { status?: number }).status,
      );
    await within(BOUND, statusNow, (status) => status === 401);

    const told = await oauth.introspectionRequest(as, client, clientAuth, tokens.access_token, options);
    expect(await oauth.processIntrospectionResponse(as, client, told)).toEqual({ active: false });
    const refresh = await oauth.refreshTokenGrantRequest(as, client, clientAuth, tokens.refresh_token ?? '', options);
    await expect(oauth.processRefreshTokenResponse(as, client, refresh)).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
  });

  it('gets 200 for the revocation of a token that never was [RFC7009-2.2] [INFO-08]', async () => {
    const unknown = randomBytes(32).toString('base64url');
    const answer = await oauth.revocationRequest(as, client, clientAuth, unknown, options);
    expect(answer.status).toBe(200);
  });
});

/** Alice logs in and agrees to one account. @returns where the browser is sent */
async function agree(requestUri: string): Promise<URL> {
  const url = new URL(as.authorization_endpoint ?? '');
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri: requestUri }).toString();
  const alice = new Person(withoutCertificate);
  const consent = await alice.logIn(await alice.open(url.href), 'alice');
  const account = offeredAccounts(consent).find(({ name }) => name === 'Everyday account')?.id ?? '';
  const answer = await alice.submit(consent, 'consent-approve', { account });
  expect(answer.status).toBe(303);
  return new URL(answer.headers['location'] ?? '');
}
