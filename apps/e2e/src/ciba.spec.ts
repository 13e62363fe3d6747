import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '@holdfast/tools/platform';
import * as oauth from 'oauth4webapi';
import { fetch as undiciFetch } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runPlatform } from './platform/run-platform.ts';
import { Http, said } from './wire/http.ts';
import type { Answer } from './wire/http.ts';
import { NotificationEndpoint } from './wire/notification-endpoint.ts';
import { offeredAccounts, Person } from './wire/person.ts';
import type { Page } from './wire/person.ts';
import { CIBA_GRANT, Till } from './wire/till.ts';

// Asking a person on another device, over real sockets: the clients are test clients of the registry, the person has a browser
// without JavaScript, and pings arrive at a server of their own.
const TOKEN = 'a-token-that-only-this-client-knows';
const CLIENT_FILE = 'pki/authorization-server/test-clients.json';

let platform: Platform;
let endpoint: NotificationEndpoint;
let browser: Http;
let developer: Http;
const tills = new Map<string, Till>();

beforeAll(async () => {
  platform = await runPlatform(['authorization-server', 'bank']);
  endpoint = new NotificationEndpoint(platform.home);
  await endpoint.open();
  // The registry names a port that somebody else may hold here.
  const file = join(platform.home, CLIENT_FILE);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('suite.localhost:8443', endpoint.host));
  await platform.restart('authorization-server');
  browser = new Http(platform.home);
  developer = new Http(platform.home, 'developer/client');
});
afterAll(async () => {
  await Promise.all([...tills.values(), browser, developer, endpoint].map((each) => each.close()));
  await platform.stop();
});
afterEach(() => {
  endpoint.heard.length = 0;
  endpoint.answer = (response) => response.writeHead(204).end();
});

function till(id: string): Till {
  const known = tills.get(id) ?? new Till(platform, id);
  tills.set(id, known);
  return known;
}

/** Alice at her other device, at what waits for her. */
async function device(name = 'alice'): Promise<{ person: Person; page: Page }> {
  const person = new Person(browser);
  const page = await person.open(`${platform.urls.issuer}/approvals`);
  return { person, page: await person.logIn(page, name) };
}

/** The page of the request that shows this binding message. */
async function pageOf(person: Person, list: Page, message: string): Promise<Page> {
  const links = [...list.text.matchAll(/href="(\/approvals\/[\w-]+)"/g)].map(([, path]) => path ?? '');
  for (const path of links) {
    const page = await person.open(new URL(path, list.url).href);
    if (page.text.includes(`>${message}<`)) return page;
  }
  throw new Error(`nothing that waits shows ${message}`);
}

/** Decides as a person does, on the page. */
async function decide(message: string, button: 'consent-approve' | 'consent-deny', names?: string[]): Promise<Answer> {
  const { person, page: list } = await device();
  const page = await pageOf(person, list, message);
  const account = offeredAccounts(page).filter(({ name }) => names?.includes(name) ?? true);
  return person.submit(page, button, { account: account.map(({ id }) => id) });
}

const call = (authReqId: string, form: Readonly<Record<string, string>> = {}, http = developer) =>
  http.post(`${platform.urls.mtlsIssuer}/demo/ciba/${authReqId}`, {
    client_id: 'developer',
    decision: 'approve',
    login: 'alice',
    ...form,
  });

const bank = (token: string, http: Http) =>
  http.ask(`${platform.urls.bank}/accounts`, { headers: { authorization: `Bearer ${token}` } });
const told = (answer: Answer) => [answer.status, said(answer)['error']];

describe('what is refused, over the wire', () => {
  it.each([
    ['a request that is not signed', { scope: 'openid', login_hint: 'alice', binding_message: '1' }],
    ['a request that is no object', { request: 'nothing' }],
  ])('%s [FAPI-CIBA-5.2.2-6]', async (_, form) => {
    expect(told(await till('ciba-poll-tls-1').post('/bc-authorize', form))).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['without jti', { jti: undefined }, 'invalid_request'],
    ['without nbf', { nbf: undefined }, 'invalid_request'],
    ['for another server', { aud: 'https://other.test' }, 'invalid_request'],
    ['with two hints', { id_token_hint: 'x' }, 'invalid_request'],
    ['with a user code', { user_code: '1' }, 'invalid_request'],
    ['for nobody', { login_hint: 'carol' }, 'unknown_user_id'],
    ['with an endless binding message', { binding_message: 'x'.repeat(500) }, 'invalid_binding_message'],
    ['without openid', { scope: 'profile' }, 'invalid_scope'],
  ])('a request %s [CIBA-CORE-13]', async (_, claims, code) => {
    expect(told(await till('ciba-poll-tls-1').ask(claims))).toEqual([400, code]);
  });

  it('a request of a client with somebody else’s certificate [RFC8705-2.1]', async () => {
    const request = await till('ciba-poll-tls-1').signedRequest();
    const form = { client_id: 'ciba-poll-tls-1', request };
    const answer = await till('ciba-poll-tls-2').http.post(`${platform.urls.mtlsIssuer}/bc-authorize`, form);
    expect(told(answer)).toEqual([401, 'invalid_client']);
  });

  it('a request that was used before [CIBA-CORE-7.1.1]', async () => {
    const request = await till('ciba-poll-jwt-mtls-1').signedRequest();
    expect((await till('ciba-poll-jwt-mtls-1').post('/bc-authorize', { request })).status).toBe(200);
    expect(told(await till('ciba-poll-jwt-mtls-1').post('/bc-authorize', { request }))).toEqual([
      400,
      'invalid_request',
    ]);
  });

  it('a decision by call of whoever is not named, or has another certificate', async () => {
    const authReqId = await till('ciba-poll-tls-1').asked();
    expect(told(await call(authReqId, {}, till('ciba-poll-tls-1').http))).toEqual([401, 'invalid_client']);
    const unnamed = await till('security-tls-1').post(`/demo/ciba/${authReqId}`, {
      decision: 'approve',
      login: 'alice',
    });
    expect(told(unnamed)).toEqual([400, 'unauthorized_client']);
    expect(told(await till('ciba-poll-tls-1').poll(authReqId))).toEqual([400, 'authorization_pending']);
  });
});

describe('a client that asks by itself', () => {
  it.each(['ciba-poll-tls-1', 'ciba-poll-tls-2', 'ciba-poll-jwt-mtls-1', 'ciba-poll-jwt-mtls-2'])(
    '%s reads what the person chose on the page, with its own certificate only [CIBA-CORE-10.1]',
    async (id) => {
      const authReqId = await till(id).asked({ binding_message: `message of ${id}` });
      expect(told(await till(id).poll(authReqId))).toEqual([400, 'authorization_pending']);
      expect(told(await till(id).poll(authReqId))).toEqual([400, 'slow_down']);

      const shared = 'Everyday account';
      const decided = await decide(`message of ${id}`, 'consent-approve', [shared]);
      expect(decided.status).toBe(303);
      const answer = await till(id).poll(authReqId);
      expect(answer.status).toBe(200);
      const { access_token: access, refresh_token: refresh, token_type: type } = said(answer);
      expect(type).toBe('Bearer');
      const accounts = await bank(String(access), till(id).http);
      expect(accounts.status).toBe(200);
      expect((said(accounts)['accounts'] as { name?: string }[]).length).toBe(1);
      expect((await bank(String(access), developer)).status).toBe(401);

      expect(told(await till(id).poll(authReqId))).toEqual([400, 'invalid_grant']);
      const refreshed = await till(id).post('/token', { grant_type: 'refresh_token', refresh_token: String(refresh) });
      expect(refreshed.status).toBe(200);
    },
  );

  it('is told of a denial, with 400 [CIBA-CORE-11]', async () => {
    const authReqId = await till('ciba-poll-tls-1').asked({ binding_message: 'to deny' });
    expect((await decide('to deny', 'consent-deny')).status).toBe(303);
    expect(told(await till('ciba-poll-tls-1').poll(authReqId))).toEqual([400, 'access_denied']);
  });

  it('is told when the time is over, which it may have chosen itself [CIBA-CORE-11]', async () => {
    const answer = await till('ciba-poll-tls-1').ask({ requested_expiry: '2' });
    expect(said(answer)).toMatchObject({ expires_in: 2, interval: 5 });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const authReqId = String(said(answer)['auth_req_id']);
    expect(told(await till('ciba-poll-tls-1').poll(authReqId))).toEqual([400, 'expired_token']);
  });

  it('cannot use what was given to another client, and leaves it usable [CIBA-CORE-11]', async () => {
    const authReqId = await till('ciba-poll-tls-1').asked();
    await call(authReqId);
    expect(told(await till('ciba-poll-tls-2').poll(authReqId))).toEqual([400, 'invalid_grant']);
    expect((await till('ciba-poll-tls-1').poll(authReqId)).status).toBe(200);
  });

  it('is served once of fifty times at the same instant [CIBA-CORE-11]', async () => {
    const authReqId = await till('ciba-poll-tls-1').asked();
    await call(authReqId);
    const answers = await Promise.all(Array.from({ length: 50 }, () => till('ciba-poll-tls-1').poll(authReqId)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const lost = answers.filter(({ status }) => status !== 200).map(told);
    expect(lost).toEqual(Array.from({ length: 49 }, () => [400, 'invalid_grant']));
  });

  it('keeps its request through a crash of the server, decision and all', async () => {
    const authReqId = await till('ciba-poll-tls-1').asked({ binding_message: 'through a crash' });
    await crash();
    expect((await decide('through a crash', 'consent-approve')).status).toBe(303);
    await crash();
    expect((await till('ciba-poll-tls-1').poll(authReqId)).status).toBe(200);
  });
});

describe('a client that is pinged', () => {
  it.each(['ciba-ping-tls-1', 'ciba-ping-jwt-mtls-2'])(
    '%s is told, and served at once [CIBA-CORE-10.2]',
    async (id) => {
      const authReqId = await till(id).asked({ client_notification_token: TOKEN, binding_message: `ping ${id}` });
      expect(told(await till(id).poll(authReqId))).toEqual([400, 'authorization_pending']);
      expect(endpoint.heard).toEqual([]);
      expect((await decide(`ping ${id}`, 'consent-approve')).status).toBe(303);
      await expect.poll(() => endpoint.heard.length, { timeout: 10_000 }).toBe(1);
      const [ping] = endpoint.heard;
      expect([ping?.method, ping?.headers.authorization, ping?.headers['content-type']]).toEqual([
        'POST',
        `Bearer ${TOKEN}`,
        'application/json',
      ]);
      expect(JSON.parse(ping?.body ?? '')).toEqual({ auth_req_id: authReqId });
      expect((await till(id).poll(authReqId)).status).toBe(200);
    },
  );

  it('is told of a denial by call too', async () => {
    const authReqId = await till('ciba-ping-tls-2').asked({ client_notification_token: TOKEN });
    expect(said(await call(authReqId, { decision: 'deny' }))).toEqual({ decision: 'denied' });
    await expect.poll(() => endpoint.heard.length, { timeout: 10_000 }).toBe(1);
    expect(told(await till('ciba-ping-tls-2').poll(authReqId))).toEqual([400, 'access_denied']);
  });

  it.each([
    [401, {}],
    [301, { location: 'https://suite.localhost/elsewhere' }],
  ])('is not told twice when it answers %i, nor is anybody else [CIBA-CORE-10.2]', async (status, headers) => {
    endpoint.answer = (response) => response.writeHead(status, headers).end();
    const authReqId = await till('ciba-ping-tls-1').asked({ client_notification_token: TOKEN });
    await call(authReqId);
    await expect.poll(() => endpoint.heard.length, { timeout: 10_000 }).toBe(1);
    // Longer than the first pause and a round of housekeeping.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    expect(endpoint.heard).toHaveLength(1);
    expect((await till('ciba-ping-tls-1').poll(authReqId)).status).toBe(200);
  });

  it('is told when it is back, although the server was killed in between', async () => {
    const authReqId = await till('ciba-ping-tls-1').asked({ client_notification_token: TOKEN });
    await endpoint.close();
    expect((await call(authReqId)).status).toBe(200);
    await crash();
    await endpoint.open();
    await expect.poll(() => endpoint.heard.length, { timeout: 50_000, interval: 200 }).toBeGreaterThan(0);
    expect(JSON.parse(endpoint.heard[0]?.body ?? '')).toEqual({ auth_req_id: authReqId });
    expect((await till('ciba-ping-tls-1').poll(authReqId)).status).toBe(200);
  });
});

describe('an outside client library', () => {
  it('finds the endpoint, asks, and gets tokens that it accepts [CIBA-CORE-4]', async () => {
    const us = till('ciba-poll-tls-2');
    const options = {
      [oauth.customFetch]: async (url: string, init: object): Promise<Response> =>
        await undiciFetch(url, { ...init, dispatcher: us.http.dispatcher }),
    };
    const issuer = new URL(platform.urls.issuer);
    const found = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oidc' });
    const as = await oauth.processDiscoveryResponse(issuer, found);
    expect(as).toMatchObject({
      backchannel_authentication_endpoint: `${platform.urls.issuer}/bc-authorize`,
      backchannel_token_delivery_modes_supported: ['poll', 'ping'],
      backchannel_user_code_parameter_supported: false,
      mtls_endpoint_aliases: { backchannel_authentication_endpoint: `${platform.urls.mtlsIssuer}/bc-authorize` },
      grant_types_supported: expect.arrayContaining([CIBA_GRANT]) as string[],
    });
    const client: oauth.Client = {
      client_id: us.id,
      use_mtls_endpoint_aliases: true,
      id_token_signed_response_alg: 'ES256',
    };
    const auth = oauth.TlsClientAuth();
    const request = await us.signedRequest({ acr_values: 'urn:holdfast:acr:password' });
    const asked = await oauth.backchannelAuthenticationRequest(as, client, auth, { request }, options);
    const pending = await oauth.processBackchannelAuthenticationResponse(as, client, asked);
    expect(pending).toMatchObject({ expires_in: 300, interval: 5 });
    await call(pending.auth_req_id);
    const answer = await oauth.backchannelAuthenticationGrantRequest(as, client, auth, pending.auth_req_id, options);
    const tokens = await oauth.processBackchannelAuthenticationGrantResponse(as, client, answer);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    expect(claims).toMatchObject({ aud: us.id, acr: 'urn:holdfast:acr:password' });
    expect(claims).not.toHaveProperty('urn:openid:params:jwt:claim:auth_req_id');
    expect((await bank(tokens.access_token, us.http)).status).toBe(200);

    const again = await us.ask({ login_hint: undefined, id_token_hint: tokens.id_token });
    expect(again.status).toBe(200);
    const foreign = await till('ciba-poll-tls-1').ask({ login_hint: undefined, id_token_hint: tokens.id_token });
    expect(told(foreign)).toEqual([400, 'invalid_request']);
  });
});

async function crash(): Promise<void> {
  await platform.kill('authorization-server', 'SIGKILL');
  await platform.start('authorization-server');
}
