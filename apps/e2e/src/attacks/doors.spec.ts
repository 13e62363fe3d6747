import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Http } from '../wire/http.ts';
import { RawClient } from '../wire/raw-client.ts';
import { RawPeer } from '../wire/raw-request.ts';

// P29 and P30 of docs/attacks.md: the door that is guarded is the one that opens, and no other certificate opens the one for people.
const world = inject('world');
const { home, urls } = world;
const client = new RawClient('security-tls-2', world);
afterAll(() => client.close());

let token: string;
beforeAll(async () => {
  token = (await client.tokens())['access_token'] ?? '';
});

interface Route {
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

const inTheName = new URLSearchParams({
  client_id: client.id,
  grant_type: 'client_credentials',
  token: 'x',
}).toString();
const post = (path: string): Route => ({ origin: urls.mtlsIssuer, method: 'POST', path, body: inTheName });
const get = (origin: string, path: string, method = 'GET'): Route => ({ origin, method, path });

/** Every route behind a certificate or a token. */
const guarded: readonly Route[] = [
  ...['/par', '/token', '/introspect', '/revoke', '/bc-authorize', '/userinfo', '/demo/ciba/x'].map(post),
  get(urls.mtlsIssuer, '/userinfo'),
  get(urls.mtlsIssuer, '/grant-management/x'),
  get(urls.mtlsIssuer, '/grant-management/x', 'DELETE'),
  ...['/accounts', '/accounts/x', '/accounts/x/balances', '/accounts/x/transactions'].map((path) =>
    get(urls.bank, path),
  ),
];

const encoded = (path: string): string => `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`;

/** Other spellings that reach the same route: the decision must be the same one. */
const same: readonly (readonly [string, (path: string, origin: string) => string])[] = [
  ['a letter that is percent-encoded', encoded],
  ['a query that is empty', (path) => `${path}?`],
  ['a whole URL', (path, origin) => origin + path],
  ['a whole URL of another host', (path) => `https://elsewhere.example${path}`],
];
/** Spellings that some other reader would take for the same; here they are nothing. */
const nothing: readonly (readonly [string, (path: string) => string])[] = [
  ['a second slash', (path) => `/${path}`],
  ['a slash at the end', (path) => `${path}/`],
  ['a step on the spot', (path) => `/.${path}`],
  ['a step there and back', (path) => `/x/..${path}`],
  ['a step there and back, encoded', (path) => `/x/%2e%2e${path}`],
  ['a parameter of the path', (path) => path.replace(/^(\/[^/]+)/, '$1;x')],
  ['capitals', (path) => path.replace(/^\/[^/]+/, (first) => first.toUpperCase())],
  ['a NUL', (path) => path.replace(/^(\/[^/]+)/, '$1%00')],
  ['a backslash', (path) => `/x\\..${path}`],
];

/** Whoever has no business here: nobody at all, and a thief with a valid certificate of another client. */
const intruders: readonly (readonly [string, RawPeer, () => Record<string, string>])[] = [
  ['nobody', new RawPeer(home), () => ({})],
  ['a thief', new RawPeer(home, 'lab/second-client'), () => ({ authorization: `Bearer ${token}` })],
];
afterAll(() => intruders.forEach(([, peer]) => peer.close()));

describe.each(intruders)('P29, %s is told the same at every spelling', (_who, peer, authorization) => {
  const ask = ({ origin, body = '' }: Route, method: string, target: string, more = {}): Promise<number> =>
    peer.ask(origin, { method, target, body, headers: { ...authorization(), ...more } });

  it.each(guarded)('of $method $path [CVE-2026-2293] [CVE-2025-69211]', async (route) => {
    const { method, path, origin } = route;
    const canonical = await ask(route, method, path);
    expect([401, 403]).toContain(canonical);
    for (const [title, spell] of same) expect(await ask(route, method, spell(path, origin)), title).toBe(canonical);
    for (const [title, spell] of nothing) expect([400, 404], title).toContain(await ask(route, method, spell(path)));
  });

  it.each(guarded)('and under every other verb, for $method $path', async (route) => {
    const { method, path } = route;
    const shut = [400, 401, 404, 405, 415, 501];
    for (const verb of ['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'PATCH'])
      expect(shut, verb).toContain(await ask(route, verb, path));
    const override = { 'x-http-method-override': method, 'x-method-override': method, 'x-http-method': method };
    for (const verb of ['GET', 'POST']) expect(shut, verb).toContain(await ask(route, verb, path, override));
  });
});

describe('P29, the rightful client', () => {
  it('reads at the canonical path, however encoded, and finds nothing beside it', async () => {
    const { certificate: cert = '', key = '' } = client.file;
    const headers = { authorization: `Bearer ${token}` };
    const http = new Http(home, { cert, key });
    expect((await http.ask(`${urls.bank}/accounts`, { headers })).status).toBe(200);
    expect((await http.ask(`${urls.bank}/%61ccounts`, { headers })).status).toBe(200);
    for (const path of ['//accounts', '/accounts/', '/ACCOUNTS', '/accounts;x'])
      expect((await http.ask(urls.bank + path, { headers })).status).toBe(404);
    await http.close();
  });
});

describe('P30, a certificate at the door for people', () => {
  const participant = new Http(home, 'developer/client');
  const service = new Http(home, 'authorization-server/service');
  afterAll(() => Promise.all([participant.close(), service.close()]));

  it.each(['/grants', '/approvals'])('logs nobody in: %s shows the form for a password [RFC8705-6.1]', async (path) => {
    for (const http of [participant, service]) {
      const answer = await http.ask(urls.issuer + path, { headers: { accept: 'text/html' } });
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('id="submit-login"')]);
    }
  });

  it('does not stand for the person in a request of the client itself', async () => {
    const { requestUri } = await client.pushed();
    const own = new Http(home, { cert: client.file.certificate ?? '', key: client.file.key ?? '' });
    const first = await own.ask(client.authorizeUrl({ requestUri }));
    const cookie = (first.headers['set-cookie'] ?? '').split(';')[0] ?? '';
    const page = await own.ask(new URL(first.headers['location'] ?? '', urls.issuer).href, { headers: { cookie } });
    expect(page.text).toContain('id="submit-login"');
    expect(page.text).not.toContain('id="consent-approve"');
    await own.close();
  });

  it.each(['/authorize', '/grants', '/approvals', '/interaction/x'])(
    'finds no page for people where certificates are asked for: %s [RFC8705-5]',
    async (path) => {
      expect((await participant.ask(urls.mtlsIssuer + path)).status).toBe(404);
    },
  );

  it('logs nobody in at Tidepool either', async () => {
    for (const http of [participant, service]) {
      const answer = await http.ask(`${urls.fintech}/accounts`, { headers: { accept: 'text/html' } });
      expect(answer.text).not.toContain('Everyday account');
    }
  });

  it('is for people still: a password opens it', async () => {
    const page = await client.person.open(`${urls.issuer}/grants`);
    const inside = page.text.includes('id="submit-login"') ? await client.person.logIn(page, 'alice') : page;
    expect(inside.text).not.toContain('id="submit-login"');
  });
});
