import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Developer } from './wire/developer.ts';
import type { Attempt, Tokens } from './wire/developer.ts';
import { Http, said } from './wire/http.ts';
import type { Answer } from './wire/http.ts';
import { Person, formWith } from './wire/person.ts';

// What only the whole stack can show: routing, content types, headers, and which door is open to whom.
const { home, urls } = inject('world');
const developer = new Developer({ home, urls });
const stranger = new Http(home, 'lab/first-client');
const guest = new Http(home);
afterAll(() => Promise.all([developer.close(), stranger.close(), guest.close()]));

const random = (): string => randomBytes(32).toString('base64url');
const at = (path: string): string => `${urls.mtlsIssuer}${path}`;

/** An OAuth refusal on the wire: code, JSON, printable ASCII without quote and backslash, kept by nobody. RFC6749-5.2. */
function expectRefusal(answer: Answer, status: number, code: string): void {
  expect(`${answer.status} ${answer.text}`).toContain(`${status} `);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['cache-control']).toContain('no-store');
  const { error, error_description: description } = said(answer);
  expect(error).toBe(code);
  if (description !== undefined) expect(description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
}

describe('the pushed authorization endpoint', () => {
  const form = (changes: Record<string, string | undefined> = {}) => developer.requestForm(random(), changes);
  const push = (body: string | URLSearchParams, headers: Record<string, string> = {}): Promise<Answer> =>
    developer.http.ask(at('/par'), { method: 'POST', body, headers });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])(
    'refuses %s with 405 and names POST [RFC9126-2.3] [PAR-31]',
    async (method) => {
      const answer = await developer.http.ask(at('/par'), { method });
      expect(answer.status).toBe(405);
      expect(answer.headers['allow']).toBe('POST');
    },
  );

  it('refuses a JSON body, however right its members [RFC9126-2.1]', async () => {
    const answer = await push(JSON.stringify(form()), { 'content-type': 'application/json' });
    expect([400, 415]).toContain(answer.status);
    expectRefusal(answer, answer.status, 'invalid_request');
  });

  it('refuses a parameter that comes twice, even with the same value [RFC6749-3.1]', async () => {
    const twice = new URLSearchParams(form());
    twice.append('scope', twice.get('scope') ?? '');
    expectRefusal(await push(twice), 400, 'invalid_request');
  });

  it.each([
    ['without PKCE', { code_challenge: undefined }, 'invalid_request'],
    ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['without a redirect URI', { redirect_uri: undefined }, 'invalid_request'],
    ['with a redirect URI nobody registered', { redirect_uri: 'https://evil.example/callback' }, 'invalid_request'],
    ['that pushes a request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request'],
    [
      'for a token in the front channel [RFC9126-2.3] [PAR-15]',
      { response_type: 'code id_token' },
      'unsupported_response_type',
    ],
    ['for a scope of somebody else', { scope: 'openid payments' }, 'invalid_scope'],
    ['with details that are no JSON', { authorization_details: '[{' }, 'invalid_authorization_details'],
  ])('refuses a request %s [FAPI2-SP-FINAL-5.3.2.2]', async (_title, changes, code) => {
    expectRefusal(await push(new URLSearchParams(form(changes))), 400, code);
  });

  it('refuses a client with the certificate of another [RFC8705-2.1]', async () => {
    expectRefusal(await stranger.post(at('/par'), form()), 401, 'invalid_client');
  });

  it('accepts 201 with a request_uri that cannot be guessed and ends soon [RFC9126-2.2] [PAR-01] [PAR-02]', async () => {
    const answer = await push(new URLSearchParams(form()));
    expect(answer.status).toBe(201);
    expect(answer.headers['cache-control']).toContain('no-store');
    const { request_uri: uri, expires_in: seconds } = said(answer);
    expect(uri).toMatch(/^urn:ietf:params:oauth:request_uri:[\w-]{22,}$/);
    expect(seconds).toBeGreaterThanOrEqual(60);
    expect(seconds).toBeLessThan(600);
  });
});

describe('the token endpoint', () => {
  let code: Attempt & { readonly code: string };
  const redeem = (changes: Record<string, string>): Promise<Answer> =>
    developer.token({
      grant_type: 'authorization_code',
      code: code.code,
      code_verifier: code.verifier,
      redirect_uri: developer.redirectUri,
      ...changes,
    });
  beforeAll(async () => {
    code = await developer.authorize();
  });

  it('refuses any client at the host for browsers, where nobody shows a certificate [RFC8705-2] [RFC6749-5.2] [TOK-08]', async () => {
    const form = { client_id: developer.id, grant_type: 'refresh_token', refresh_token: random() };
    for (const http of [developer.http, guest])
      expectRefusal(await http.post(`${urls.issuer}/token`, form), 401, 'invalid_client');
  });

  it('refuses a request without a certificate at the mTLS host [RFC8705-2] [TLS-09] [RFC6749-5.2] [TOK-08]', async () => {
    const form = { client_id: developer.id, grant_type: 'authorization_code', code: code.code };
    expectRefusal(await guest.post(at('/token'), form), 401, 'invalid_client');
  });

  it('refuses GET [RFC6749-3.2]', async () => {
    expect((await developer.http.ask(at('/token'))).status).toBe(405);
  });

  it('refuses the wrong verifier and leaves the code to its owner [RFC7636-4.6] [TOK-15]', async () => {
    expectRefusal(await redeem({ code_verifier: random() }), 400, 'invalid_grant');
  });

  it('refuses another redirect URI [RFC6749-4.1.3]', async () => {
    expectRefusal(await redeem({ redirect_uri: `${developer.redirectUri}/` }), 400, 'invalid_grant');
  });

  it('refuses the code of another client [RFC6749-4.1.3] [TOK-16]', async () => {
    const form = { client_id: 'lab-first-client', grant_type: 'authorization_code', code: code.code };
    const foreign = { ...form, code_verifier: code.verifier, redirect_uri: developer.redirectUri };
    expectRefusal(await stranger.post(at('/token'), foreign), 400, 'invalid_grant');
  });

  it.each(['password', 'urn:ietf:params:oauth:grant-type:saml2-bearer', 'implicit'])(
    'does not know the grant %s [RFC6749-5.2] [TOK-41] [TOK-42] [TOK-43]',
    async (grant) => {
      expectRefusal(await developer.token({ grant_type: grant }), 400, 'unsupported_grant_type');
    },
  );

  it('then redeems the code, answered to be kept by nobody [RFC6749-5.1] [TOK-27] [TOK-28]', async () => {
    const answer = await redeem({});
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toContain('no-store');
    expect(said(answer)).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) as number });
    expectRefusal(await redeem({}), 400, 'invalid_grant');
  });
});

describe('the authorization endpoint', () => {
  it.each([
    [
      'a request that was not pushed',
      { response_type: 'code', redirect_uri: developer.redirectUri },
      'invalid_request',
    ],
    [
      'a request_uri of nobody',
      { request_uri: `urn:ietf:params:oauth:request_uri:${random()}` },
      'invalid_request_uri',
    ],
  ])(
    'refuses %s with a page of its own, not by redirect [FAPI2-SP-FINAL-5.3.2.2-3] [AUTH-03] [RFC6749-4.1.2.1] [AUTH-04]',
    async (_title, query, code) => {
      const search = new URLSearchParams({ client_id: developer.id, ...query }).toString();
      const answer = await guest.ask(`${urls.issuer}/authorize?${search}`);
      expect([answer.status, answer.headers['location']]).toEqual([400, undefined]);
      expect(answer.text).toContain(`id="error-code">${code}<`);
    },
  );

  it('refuses the request_uri to another client and does not burn it by that, nor by reloads [RFC9126-4] [AUTH-07] [RFC9126-2.2] [AUTH-05] [AUTH-06]', async () => {
    const attempt = await developer.push();
    const foreign = new URLSearchParams({ client_id: 'tidepool', request_uri: attempt.requestUri }).toString();
    expect((await guest.ask(`${urls.issuer}/authorize?${foreign}`)).status).toBe(400);
    for (let reload = 0; reload < 3; reload++) await guest.ask(developer.authorizeUrl(attempt)); // Link scanners.
    const { person, page } = await developer.atConsent(attempt);
    expect((await person.visit(page.url)).text).toContain('id="consent-approve"');
    expect(await developer.approve(person, page)).toMatch(/^[\w-]{22,}$/);
  });

  it('leads on with 303 after each form, and back with code, state and iss alone [RFC9207-2] [AUTH-10] [RFC9700-4.12] [AUTH-15] [RFC6749-4.1.2] [AUTH-13]', async () => {
    const attempt = await developer.push();
    const person = new Person(guest);
    const login = await person.open(developer.authorizeUrl(attempt));
    const loggedIn = await person.submit(login, 'submit-login', { login: 'alice', password: 'alice-demo' });
    expect(loggedIn.status).toBe(303);
    const url = new URL(loggedIn.headers['location'] ?? '', login.url).href;
    const approved = await person.submit({ ...(await person.visit(url)), url }, 'consent-approve');
    expect(approved.status).toBe(303);
    const back = new URL(approved.headers['location'] ?? '');
    expect([...back.searchParams.keys()].sort()).toEqual(['code', 'iss', 'state']);
    expect([back.searchParams.get('iss'), back.searchParams.get('state'), back.hash]).toEqual([
      urls.issuer,
      attempt.state,
      '',
    ]);
  });

  it('goes back after a denial with access_denied, state and iss alone [RFC6749-4.1.2.1] [AUTH-14]', async () => {
    const attempt = await developer.push();
    const { person, page } = await developer.atConsent(attempt);
    const back = new URL((await person.submit(page, 'consent-deny')).headers['location'] ?? '');
    expect(Object.fromEntries(back.searchParams)).toEqual({
      error: 'access_denied',
      state: attempt.state,
      iss: urls.issuer,
    });
  });

  it('has forms a machine finds its way through by their ids [AUTH-25]', async () => {
    const person = new Person(guest);
    const login = await person.open(developer.authorizeUrl(await developer.push()));
    for (const id of ['login', 'password', 'submit-login']) expect(login.text).toContain(`id="${id}"`);
    const consent = await person.logIn(login, 'alice');
    for (const id of ['consent-approve', 'consent-deny']) expect(consent.text).toContain(`id="${id}"`);
  });

  it('refuses a form with the wrong token, from another origin, or without the cookie [RFC6749-10.12] [AUTH-29]', async () => {
    const { person, page } = await developer.atConsent(await developer.push());
    const { action, fields } = formWith(page, 'consent-approve');
    const own = { origin: urls.issuer };
    const forged = new URLSearchParams(fields);
    forged.set('csrf', random());
    const attempts = [
      person.visit(action, { method: 'POST', body: forged, headers: own }),
      person.visit(action, { method: 'POST', body: fields, headers: { origin: 'https://evil.example' } }),
      guest.ask(action, { method: 'POST', body: fields, headers: own }),
    ];
    for (const answer of await Promise.all(attempts)) {
      expect([answer.status, answer.headers['location']]).toEqual([400, undefined]);
    }
    expect((await person.visit(page.url)).text).toContain('id="consent-approve"');
  });
});

describe('discovery', () => {
  const places = ['openid-configuration', 'oauth-authorization-server'].map((name) => `/.well-known/${name}`);
  const documents = () => Promise.all(places.map((place) => guest.ask(`${urls.issuer}${place}`)));

  it('is the same document in both places [RFC8414-3] [META-04] [OIDC-DISCOVERY-4] [META-03]', async () => {
    const [one, other] = await documents();
    expect(one?.status).toBe(200);
    expect(said(one!)).toEqual(said(other!));
  });

  it('says what the profiles in force are [FAPI2-SP-FINAL-5.3.2.1] [RFC8414-3.3] [META-02] [FAPI2-SP-FINAL-5.4.1-1] [META-11]', async () => {
    const [one] = await documents();
    expect(said(one!)).toMatchObject({
      issuer: urls.issuer,
      authorization_endpoint: `${urls.issuer}/authorize`,
      require_pushed_authorization_requests: true,
      authorization_response_iss_parameter_supported: true,
      tls_client_certificate_bound_access_tokens: true,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code', 'code id_token'],
      token_endpoint_auth_methods_supported: ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt'],
    });
    for (const [name, value] of Object.entries(said(one!)).filter(([name]) => name.endsWith('_alg_values_supported')))
      for (const algorithm of value as string[])
        expect(['PS256', 'ES256', 'EdDSA', 'Ed25519'], name).toContain(algorithm);
  });

  it('names under the mTLS aliases only endpoints that exist, at the mTLS host [RFC8705-5] [META-15] [META-16]', async () => {
    const [one] = await documents();
    const { mtls_endpoint_aliases: aliases, ...document } = said(one!);
    for (const [name, url] of Object.entries(aliases as Record<string, string>)) {
      expect(name).toMatch(/_endpoint$/);
      expect(name).not.toBe('authorization_endpoint');
      expect(document).toHaveProperty(name);
      expect(new URL(url).origin).toBe(urls.mtlsIssuer);
    }
  });

  it('publishes keys with distinct names and no private member [RFC7517-9.2] [META-19] [FAPI2-SP-FINAL-5.4.2-3] [META-18]', async () => {
    const { keys } = said(await guest.ask(`${urls.issuer}/jwks`)) as unknown as { keys: Record<string, string>[] };
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    for (const key of keys)
      for (const name of ['d', 'p', 'q', 'k', 'dp', 'dq', 'qi']) expect(key).not.toHaveProperty(name);
  });
});

describe('the bank', () => {
  let tokens: Tokens;
  const ask = (headers: Record<string, string>, path = '/accounts', http = developer.http): Promise<Answer> =>
    http.ask(`${urls.bank}${path}`, { headers });
  const bearer = (scheme = 'Bearer'): { authorization: string } => ({
    authorization: `${scheme} ${tokens.access_token}`,
  });
  const refused = (answer: Answer): void => {
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
    expect(answer.text).not.toContain('display_name');
  };
  beforeAll(async () => {
    tokens = await developer.tokens();
  });

  it('refuses without a token, and names no error for it [RFC6750-3.1]', async () => {
    const answer = await ask({});
    refused(answer);
    expect(answer.headers['www-authenticate']).not.toContain('error=');
  });

  it('refuses the token of another client’s connection, and of none [RFC8705-3] [RS-14] [RFC6750-3.1] [RS-20]', async () => {
    for (const http of [stranger, guest]) {
      const answer = await ask(bearer(), '/accounts', http);
      refused(answer);
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    }
  });

  it('refuses a token in the query [FAPI2-SP-FINAL-5.3.4-2] [RS-01]', async () => {
    const answer = await ask({}, `/accounts?access_token=${tokens.access_token}`);
    expect([400, 401]).toContain(answer.status);
  });

  it('refuses a token whose signature was touched [RFC9068-4]', async () => {
    const [head, body, signature = ''] = tokens.access_token.split('.');
    const other = signature.startsWith('A') ? 'B' : 'A';
    refused(await ask({ authorization: `Bearer ${head}.${body}.${other}${signature.slice(1)}` }));
  });

  it('refuses an ID token and a refresh token in place of an access token [RFC9068-4]', async () => {
    refused(await ask({ authorization: `Bearer ${tokens.id_token}` }));
    refused(await ask({ authorization: `Bearer ${tokens.refresh_token}` }));
  });

  it('does not let a foreign account be told from one that never was [RS-19]', async () => {
    const bob = new Person(guest);
    const attempt = await developer.push();
    const page = await bob.logIn(await bob.open(developer.authorizeUrl(attempt)), 'bob');
    const redeemed = said(await developer.redeem({ ...attempt, code: await developer.approve(bob, page) }));
    const his = { authorization: `Bearer ${String(redeemed['access_token'])}` };
    const { accounts } = said(await ask(his)) as unknown as { accounts: { id: string }[] };
    const [foreign, absent] = await Promise.all(
      [accounts[0]?.id ?? '', (accounts[0]?.id ?? '').replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))].map((id) =>
        ask(bearer(), `/accounts/${id}`),
      ),
    );
    expect(foreign?.status).toBe(absent?.status);
    expect([403, 404]).toContain(foreign?.status);
    expect(foreign?.text).toBe(absent?.text);
  });

  it.each(['bearer', 'BEARER'])('takes the scheme as %s [RFC9110-11.1]', async (scheme) => {
    expect((await ask(bearer(scheme))).status).toBe(200);
  });

  it('echoes x-fapi-interaction-id, and makes one when none came [FAPI1-BASE-6.2.1-11] [POL-11] [RS-33]', async () => {
    const id = 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a';
    expect((await ask({ ...bearer(), 'x-fapi-interaction-id': id })).headers['x-fapi-interaction-id']).toBe(id);
    expect((await ask(bearer())).headers['x-fapi-interaction-id']).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  it('accepts the other FAPI headers and says when it answered [FAPI1-BASE-6.2.1-10] [RS-32] [FAPI1-BASE-6.2.1-13] [RS-34] [FAPI1-BASE-6.2.2-3] [RS-35]', async () => {
    const headers = {
      'x-fapi-customer-ip-address': '2001:db8::1',
      'x-fapi-auth-date': 'Tue, 11 Sep 2012 19:43:31 GMT',
    };
    const answer = await ask({ ...bearer(), ...headers, accept: 'application/json, */*;q=0.1' });
    expect(answer.status).toBe(200);
    expect(Date.parse(answer.headers['date'] ?? '')).not.toBeNaN();
    expect(answer.headers['cache-control']).toContain('no-store');
  });
});

describe('introspection and revocation', () => {
  it('tell another client nothing of a token, and end nothing for it [RFC7009-2.1] [INFO-09] [RFC7662-2.2] [INFO-05] [INFO-07]', async () => {
    const { access_token: token, refresh_token: refresh } = await developer.tokens();
    for (const each of [token, refresh, random()]) {
      const form = { client_id: 'lab-first-client', token: each };
      expect(said(await stranger.post(at('/introspect'), form))).toEqual({ active: false });
      await stranger.post(at('/revoke'), form);
    }
    expect((await developer.refresh(refresh)).status).toBe(200);
    expect((await developer.accounts(token)).status).toBe(200);
  });

  it.each(['/introspect', '/revoke'])(
    '%s refuses whoever shows no certificate [RFC7662-2.1] [INFO-01]',
    async (path) => {
      expectRefusal(await guest.post(at(path), { client_id: developer.id, token: random() }), 401, 'invalid_client');
    },
  );
});

describe('userinfo', () => {
  it('refuses a token in the body and on a connection without the certificate [FAPI2-SP-FINAL-5.3.4-2] [INFO-12] [RFC8705-3] [INFO-10]', async () => {
    const { access_token: token } = await developer.tokens();
    const inBody = await developer.http.post(at('/userinfo'), { access_token: token });
    expect([400, 401]).toContain(inBody.status);
    const headers = { authorization: `Bearer ${token}` };
    expect((await guest.ask(at('/userinfo'), { headers })).status).toBe(401);
    expect((await guest.ask(`${urls.issuer}/userinfo`, { headers })).status).toBe(401);
    expect((await developer.http.ask(at('/userinfo'), { headers })).status).toBe(200);
  });
});
