import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { IssuerKeys } from './issuer-keys.ts';

const ISSUER = 'https://auth.localhost:9443';
const TIMES = { refreshEvery: 60_000, retryEvery: 5, cooldown: 10_000, usableFor: 600_000 };
const jwk = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
});

describe('the keys of the authorization server', () => {
  let now: number;
  let published: object[];
  let away: boolean;
  const fetched: string[] = [];
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn() };

  const answer = (url: string | URL) => {
    fetched.push(String(url));
    if (away) return Promise.reject(new Error('connection refused'));
    const body = String(url).endsWith('/jwks') ? { keys: published } : { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` };
    return Promise.resolve(Response.json(body));
  };
  const open = () =>
    new IssuerKeys({ issuer: ISSUER, http: { fetch: answer as never }, log, elapsed: () => now, times: TIMES });
  const loaded = async () => {
    const keys = open();
    keys.start();
    await vi.waitFor(() => keys.checkReady(), 10_000);
    await keys.close();
    fetched.length = 0;
    return keys;
  };
  const find = (keys: IssuerKeys, kid: string, alg = 'ES256') => keys.find({ alg, kid });

  beforeEach(() => {
    now = 0;
    away = false;
    published = [jwk('one')];
    fetched.length = 0;
  });

  it('are unavailable, not absent, before the first set arrived', async () => {
    const keys = open();
    expect(() => keys.checkReady()).toThrow();
    await expect(find(keys, 'one')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      reason: 'token_keys_unavailable',
    });
  });

  it('become unavailable when nobody has confirmed them for too long', async () => {
    const keys = await loaded();
    now = TIMES.usableFor + 1;
    expect(() => keys.checkReady()).toThrow();
    await expect(find(keys, 'one')).rejects.toMatchObject({ reason: 'token_keys_unavailable' });
  });

  it('verify no other algorithm', async () => {
    expect(await find(await loaded(), 'one', 'RS256')).toBeUndefined();
  });

  it('are fetched at most once per cool-down, however many unknown kids are sent', async () => {
    const keys = await loaded();
    for (let index = 0; index < 20; index += 1) expect(await find(keys, `made-up-${index}`)).toBeUndefined();
    expect(fetched).toEqual([`${ISSUER}/.well-known/oauth-authorization-server`, `${ISSUER}/jwks`]);
  });

  it('drop a key that is no longer published', async () => {
    const keys = await loaded();
    published = [jwk('two')];
    expect(await find(keys, 'two')).toBeDefined();
    expect(await find(keys, 'one')).toBeUndefined();
  });

  it('keep every key that is published, old and new, over a rotation', async () => {
    const keys = await loaded();
    const [one] = published;
    published = [one!, jwk('two')];
    expect(await find(keys, 'two')).toBeDefined();
    expect(await find(keys, 'one')).toBeDefined();
    expect(fetched).toHaveLength(2);
  });

  it('serve everybody who waits for the same look, not only whose token provoked it', async () => {
    const keys = await loaded();
    published = [...published, jwk('two')];
    const found = await Promise.all(['made-up', 'two', 'two', 'two'].map((kid) => find(keys, kid)));
    expect(found.map((key) => key !== undefined)).toEqual([false, true, true, true]);
    expect(fetched).toHaveLength(2);
  });

  it('stay when the authorization server goes away', async () => {
    const keys = await loaded();
    away = true;
    expect(await find(keys, 'unknown')).toBeUndefined();
    expect(await find(keys, 'one')).toBeDefined();
  });

  it('are tried for until the authorization server is there', async () => {
    away = true;
    const keys = open();
    keys.start();
    await vi.waitFor(() => expect(fetched.length).toBeGreaterThan(2), 10_000);
    away = false;
    await vi.waitFor(() => keys.checkReady(), 10_000);
    await keys.close();
    expect(await find(keys, 'one')).toBeDefined();
  });
});
