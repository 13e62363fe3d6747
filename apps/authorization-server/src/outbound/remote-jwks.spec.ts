import { generateKeyPairSync } from 'node:crypto';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ElsewhereServer } from '../testing/published-elsewhere.ts';
import type { OutboundCall } from './outbound-call.ts';
import { outboundCall } from './outbound-call.ts';
import { PublishedKeys } from './remote-jwks.ts';

const pki = throwAwayPki();
const publicJwk = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
});
const FIRST = { keys: [publicJwk('one')] };
const SECOND = { keys: [publicJwk('two')] };

let server: ElsewhereServer;
let call: OutboundCall;
let uri: string;
let now: number;
let keys: PublishedKeys;
const pass = (seconds: number) => (now += seconds * 1000);

beforeAll(async () => {
  server = await ElsewhereServer.start(pki, 'keys.localhost');
  const host = `keys.localhost:${server.port}`;
  uri = `https://${host}/jwks`;
  call = outboundCall({ hosts: [host], trust: pki.web.trust, names: 'loopback', deadlineMs: 1_000 });
});
afterAll(() => server.close());
beforeEach(() => {
  now = Date.parse('2026-06-01T12:00:00Z');
  keys = new PublishedKeys(call, { now: () => new Date(now) });
  server.says(FIRST);
  server.requests = 0;
});

const refused = (evidence: Readonly<Record<string, string>>, at = uri) =>
  expect(keys.fetch(at, false)).rejects.toMatchObject({
    code: 'temporarily_unavailable',
    reason: 'client_keys_unavailable',
    // The same for all of it: what stands at an address inside is not told to whoever named it.
    description: 'the keys of the client cannot be fetched at the moment',
    evidence,
  });

describe('published keys are not taken', () => {
  it.each([
    ['a redirect', 302, 'application/json', '', 'redirected'],
    ['an error', 404, 'application/json', '{"keys":[]}', 'status_not_success'],
    ['a page', 200, 'text/html', JSON.stringify(FIRST), 'not_json'],
    ['a page that calls itself nearly so', 200, 'application/jsonp', JSON.stringify(FIRST), 'not_json'],
    ['broken JSON', 200, 'application/json', '{"keys":[', 'not_json'],
    ['no key set', 200, 'application/json', '[]', 'keys_unfit'],
    ['an empty set', 200, 'application/json', '{"keys":[]}', 'keys_unfit'],
    ['a private key', 200, 'application/json', JSON.stringify({ keys: [{ ...FIRST.keys[0], d: 'x' }] }), 'keys_unfit'],
    ['a shared secret', 200, 'application/json', '{"keys":[{"kty":"oct","k":"eA"}]}', 'keys_unfit'],
  ])('from %s', async (_what, status, type, body, problem) => {
    server.answer = (_request, response) => void response.writeHead(status, { 'content-type': type }).end(body);
    await refused({ host: new URL(uri).host, problem });
    server.says(FIRST);
    pass(10);
    expect(await keys.fetch(uri, false)).toEqual(FIRST.keys);
  });

  it('from a place nobody permitted', () =>
    refused({ host: '169.254.169.254', problem: 'host_not_permitted' }, 'https://169.254.169.254/jwks'));

  it('again for a while after a failure, so that nobody has us knock at a door at his pace', async () => {
    server.answer = (_request, response) => void response.writeHead(500).end();
    await refused({ problem: 'status_not_success', host: new URL(uri).host });
    server.says(FIRST);
    pass(9);
    await refused({ problem: 'status_not_success', host: new URL(uri).host });
    expect(server.requests).toBe(1);
  });

  it('any longer when their server has been away for a quarter of an hour', async () => {
    await keys.fetch(uri, false);
    server.answer = (_request, response) => void response.writeHead(500).end();
    pass(899);
    expect(await keys.fetch(uri, false)).toEqual(FIRST.keys);
    pass(1);
    await refused({ problem: 'status_not_success', host: new URL(uri).host });
  });
});

describe('published keys', () => {
  it('are fetched once for fifty who want them at once', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => keys.fetch(uri, true)));
    expect(all.every((each) => each === all[0])).toBe(true);
    expect(server.requests).toBe(1);
  });

  it('are asked for anew when one is missing, every ten seconds at most', async () => {
    await keys.fetch(uri, false);
    server.says(SECOND);
    pass(9);
    expect(await keys.fetch(uri, true)).toEqual(FIRST.keys);
    pass(1);
    expect(await keys.fetch(uri, true)).toEqual(SECOND.keys);
    expect(server.requests).toBe(2);
  });

  it('are remembered for five minutes, and stay the same objects when nothing has changed', async () => {
    const before = await keys.fetch(uri, false);
    pass(299);
    expect(await keys.fetch(uri, false)).toBe(before);
    expect(server.requests).toBe(1);
    pass(1);
    expect(await keys.fetch(uri, false)).toBe(before);
    expect(server.requests).toBe(2);
  });

  it('may come as a key set by its own media type [RFC7517-8.5]', async () => {
    server.says(FIRST, { 'content-type': 'application/jwk-set+json; charset=utf-8' });
    expect(await keys.fetch(uri, false)).toEqual(FIRST.keys);
  });
});
