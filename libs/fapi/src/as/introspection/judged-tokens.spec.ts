import type { CryptoKey } from 'jose';
import { decodeProtectedHeader } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { secondsAfter } from '../../clock.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { BANK, engineFixture, ISSUER, request, tokens } from '../../testing/engine-fixture.ts';
import { revoke } from '../revocation/revoke.ts';
import { introspect } from './introspect.ts';
import { JudgedTokens } from './judged-tokens.ts';

const MOST = 3;
let f: EngineFixture;
let now: Date;
let published: Map<string, CryptoKey>;
let judged: JudgedTokens;
let token: string;

beforeEach(async () => {
  f = await engineFixture();
  now = f.clock.now();
  token = await newToken();
  const { kid = '' } = decodeProtectedHeader(token);
  published = new Map([[kid, f.engine.keys.verificationKey(kid, 'ES256')!]]);
  const expected = {
    issuer: ISSUER,
    audience: [ISSUER, BANK],
    keys: ({ kid }: { readonly kid: string }) => Promise.resolve(published.get(kid)),
    clock: { now: () => now },
  };
  judged = new JudgedTokens(expected, MOST);
});

const newToken = async (): Promise<string> => (await tokens(f)).access_token;
const reasonOf = (decision: Promise<unknown>): Promise<unknown> =>
  decision.then(
    () => 'it was allowed',
    (error: unknown) => (error as { readonly reason?: unknown }).reason,
  );

describe('a token that was found good once is refused', () => {
  beforeEach(async () => {
    await judged.judge(token);
    expect(judged.size).toBe(1);
  });

  it('from the second on in which it expires [RFC9068-4] [RS-11]', async () => {
    now = secondsAfter(now, 300);
    expect(await reasonOf(judged.judge(token))).toBe('token_expired');
    expect(judged.size).toBe(0);
  });

  it('by a clock that was set back to before it was issued [RFC7519-4.1.6]', async () => {
    now = secondsAfter(now, -3600);
    expect(await reasonOf(judged.judge(token))).toBe('token_not_yet_valid');
  });

  it('when its key is no longer published [OIDC-CORE-10.1.1]', async () => {
    published.clear();
    expect(await reasonOf(judged.judge(token))).toBe('token_signature_invalid');
  });

  it('when another key is published under that name', async () => {
    const { engine } = await engineFixture();
    const other = engine.keys.publicJwks().keys.find(({ alg }) => alg === 'PS256')!;
    for (const kid of published.keys()) published.set(kid, engine.keys.verificationKey(other.kid!, 'PS256')!);
    expect(await reasonOf(judged.judge(token))).not.toBe('it was allowed');
  });

  it('as soon as one character of it is another one [RFC9068-4] [RS-06]', async () => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'bob' })).toString('base64url');
    expect(await reasonOf(judged.judge(`${header}.${forged}.${signature}`))).toBe('token_signature_invalid');
    expect(await reasonOf(judged.judge(`${token}=`))).toBe('token_malformed');
    expect(judged.size).toBe(1);
  });

  it('when it was revoked in between [RFC7662-2.2] [INFO-06]', async () => {
    const asked = request({ client_id: 'first', token }, f.peers.first);
    expect((await introspect(f.engine, asked)).body).toMatchObject({ active: true });
    await revoke(f.engine, asked);
    expect((await introspect(f.engine, asked)).body).toEqual({ active: false });
  });
});

describe('judged tokens', () => {
  it('do not remember a refusal', async () => {
    expect(await reasonOf(judged.judge('nonsense'))).toBe('token_malformed');
    expect(judged.size).toBe(0);
  });

  it('are judged once while nothing changes', async () => {
    const first = await judged.judge(token);
    expect(first).toMatchObject({ clientId: 'first', subject: 'alice' });
    now = secondsAfter(now, 299);
    expect(await judged.judge(token)).toBe(first);
  });

  it('are told apart, however they are asked about', async () => {
    const all = [token, await newToken(), await newToken()];
    const ids = await Promise.all(all.map(async (each) => (await judged.judge(each)).tokenId));
    expect(new Set(ids).size).toBe(3);
    const again = await Promise.all(all.toReversed().map(async (each) => (await judged.judge(each)).tokenId));
    expect(again).toEqual(ids.toReversed());
  });

  it('are remembered up to a bound; the oldest goes first, and is judged anew', async () => {
    const first = await judged.judge(token);
    for (let count = 0; count < MOST; count++) await judged.judge(await newToken());
    expect(judged.size).toBe(MOST);
    const anew = await judged.judge(token);
    expect(anew).not.toBe(first);
    expect(anew).toEqual(first);
    expect(judged.size).toBe(MOST);
  });
});
