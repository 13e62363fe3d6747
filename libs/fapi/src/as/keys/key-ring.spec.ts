import { generateKeyPairSync } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import type { JWK } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { epochSeconds, secondsAfter } from '../../clock.ts';
import { JWKS_MAX_AGE, KEY_LIFE, MAX_CLOCK_SKEW_SECONDS, SIGNING_ALGORITHMS } from '../../profile.ts';
import { privateJwks } from '../../testing/engine-fixture.ts';
import { importKeys } from './import.ts';
import { nextGeneration, phaseOf, removalAfter, rotationDue } from './key-life.ts';
import type { Generation } from './key-life.ts';
import { KeyRing } from './key-ring.ts';
import type { KeyGeneration } from './key-ring.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const PERIOD = 24 * 3600;
const [firstKeys, secondKeys] = [privateJwks(), privateJwks()];

let now: Date;
let ring: KeyRing;
let stored: KeyGeneration[];

beforeEach(async () => {
  now = NOW;
  ring = new KeyRing({ now: () => now });
  stored = [];
  await rotate(firstKeys);
});

/** One rotation at this moment. */
async function rotate(keys: readonly JWK[]): Promise<void> {
  const next = nextGeneration(ring.generations, now);
  if (next === undefined) throw new Error('it is not the time to rotate');
  stored.push({ ...next, privateJwks: keys });
  await ring.take(stored);
}

const pass = (seconds: number): void => void (now = secondsAfter(now, seconds));
const sign = (life = 300): Promise<string> =>
  ring.sign('ES256', 'at+jwt', { iss: 'us', exp: epochSeconds(now) + life });
const kidOf = (token: string): string => decodeProtectedHeader(token).kid!;
const published = (): string[] => ring.publicJwks().keys.map(({ kid }) => kid!);

describe('a key ring refuses', () => {
  it('to sign when it is empty', () => {
    expect(() => new KeyRing({ now: () => now }).sign('ES256', 'JWT', {})).toThrow('no key for ES256 may sign');
  });

  it('to sign with a key whose time has not come, however close it is', async () => {
    const first = kidOf(await sign());
    await rotate(secondKeys);
    pass(KEY_LIFE.publishedBefore - 0.001);
    expect(kidOf(await sign())).toBe(first);
    pass(0.001);
    expect(kidOf(await sign())).not.toBe(first);
  });

  it('to sign with the old key again once its successor signs', async () => {
    const first = kidOf(await sign());
    await rotate(secondKeys);
    pass(KEY_LIFE.publishedBefore);
    for (let i = 0; i < 50; i++) expect(kidOf(await sign())).not.toBe(first);
  });

  it('to sign what would outlive the publication of its key', () => {
    expect(() => sign(KEY_LIFE.longestSignature + 1)).toThrow('would outlive the publication');
  });

  it('to verify with a removed key, or to publish it', async () => {
    const first = kidOf(await sign());
    await rotate(secondKeys);
    pass(KEY_LIFE.publishedBefore + KEY_LIFE.longestSignature + MAX_CLOCK_SKEW_SECONDS);
    expect(ring.verificationKey(first, 'ES256')).toBeUndefined();
    expect(published()).not.toContain(first);
    expect(ring.verificationKey(kidOf(await sign()), 'ES256')).toBeDefined();
  });

  it('to verify with a key under another algorithm than its own [RFC8725-3.1]', async () => {
    const kid = kidOf(await sign());
    for (const alg of ['PS256', 'EdDSA', 'RS256', 'HS256', 'none', ''])
      expect(ring.verificationKey(kid, alg)).toBeUndefined();
    expect(ring.verificationKey('nobody', 'ES256')).toBeUndefined();
    expect(ring.verificationKey(kid, 'ES256')).toBeDefined();
  });

  it('a second rotation while the last one waits for its turn', async () => {
    await rotate(secondKeys);
    pass(KEY_LIFE.publishedBefore - 1);
    expect(nextGeneration(ring.generations, now)).toBeUndefined();
    pass(1);
    expect(nextGeneration(ring.generations, now)).toMatchObject({ number: 3 });
  });

  it('an unfit generation, and stays as it was', async () => {
    const before = published();
    await expect(rotate(secondKeys.slice(1))).rejects.toThrow('no key for ES256');
    expect(published()).toEqual(before);
  });
});

describe('keys are refused', () => {
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey.export({ format: 'jwk' });
  const rsa = (modulusLength: number) =>
    generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'jwk' });
  const [es256, ps256, edDsa] = firstKeys as [JWK, JWK, JWK];

  it.each<[string, JWK[], string]>([
    ['when there are none', [], 'no key for ES256'],
    ['when an algorithm has none', [es256, ps256], 'no key for EdDSA'],
    ['when an algorithm has two', [es256, ps256, edDsa, secondKeys[0]!], 'two keys for ES256'],
    ['of another curve', [{ ...ec('P-384'), alg: 'ES256' }], 'another kind of key'],
    ['of another kind', [{ ...edDsa, alg: 'ES256' }], 'another kind of key'],
    [
      'of RSA with 1024 bits [FAPI2-SP-FINAL-5.4.1-2] [META-20]',
      [es256, { ...rsa(1024), alg: 'PS256' }, edDsa],
      'less than 2048 bits',
    ],
    ['for RS256 [FAPI2-SP-FINAL-5.4.1-1]', [{ ...ps256, alg: 'RS256' }], 'does not sign here'],
    ['for no algorithm', [{ ...es256, alg: undefined! }], 'does not sign here'],
    ['without a private half', [{ ...es256, d: undefined! }], 'without its private half'],
    ['that are symmetric', [{ kty: 'oct', k: 'AAAA', alg: 'HS256' }], 'does not sign here'],
    [
      'of less than 2048 bits [FAPI2-SP-FINAL-5.4.1]',
      [{ ...generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'jwk' }), alg: 'PS256' }],
      'less than 2048 bits',
    ],
  ])('%s', async (_, keys, problem) => {
    await expect(importKeys(keys)).rejects.toThrow(problem);
  });

  it('and taken when each algorithm has one', async () => {
    expect([...(await importKeys(firstKeys)).keys()].sort()).toEqual([...SIGNING_ALGORITHMS].sort());
  });
});

describe('a key ring', () => {
  it.each(SIGNING_ALGORITHMS)('signs with %s what the published key verifies', async (alg) => {
    const token = await ring.sign(alg, 'JWT', { sub: 'alice' });
    const { kid } = decodeProtectedHeader(token);
    const verified = await jwtVerify(token, ring.verificationKey(kid!, alg)!, { algorithms: [alg], typ: 'JWT' });
    expect(verified.payload).toEqual({ sub: 'alice' });
    expect(verified.protectedHeader).toEqual({ alg, kid, typ: 'JWT' });
  });

  it('publishes distinct names, the use, the algorithm and nothing private [OIDC-CORE-10.1.1] [RFC7517-9.2] [META-19] [FAPI2-SP-FINAL-5.4.2-3] [META-18]', async () => {
    await rotate(secondKeys);
    const { keys } = ring.publicJwks();
    expect(keys).toHaveLength(6);
    expect(new Set(published()).size).toBe(6);
    const members = {
      ES256: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
      PS256: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
      EdDSA: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
    };
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(members[key.alg as keyof typeof members]);
      expect(key.use).toBe('sig');
    }
  });

  it('publishes a key before it signs for as long as a verifier may keep the set', async () => {
    const before = published();
    await rotate(secondKeys);
    expect(published()).toEqual(expect.arrayContaining(before) as string[]);
    const token = await sign();
    pass(JWKS_MAX_AGE + MAX_CLOCK_SKEW_SECONDS);
    expect(kidOf(await sign())).toBe(kidOf(token));
  });

  it('publishes a retired key until the last thing it signed has expired [OIDC-CORE-10.1.1] [META-21]', async () => {
    await rotate(secondKeys);
    pass(KEY_LIFE.publishedBefore - 0.001);
    const last = await sign(KEY_LIFE.longestSignature);
    pass(KEY_LIFE.longestSignature + MAX_CLOCK_SKEW_SECONDS);
    expect(ring.verificationKey(kidOf(last), 'ES256')).toBeDefined();
  });

  it('does not import what it holds again', async () => {
    const key = ring.verificationKey(kidOf(await sign()), 'ES256');
    await rotate(secondKeys);
    expect(ring.verificationKey(kidOf(await sign()), 'ES256')).toBe(key);
  });
});

describe('the life of a generation', () => {
  const at = (number: number, seconds: number): Generation => ({ number, signsFrom: secondsAfter(NOW, seconds) });

  it('runs from published over signing and retired to removed', () => {
    const [first, second] = [at(1, 0), at(2, 1000)];
    const phase = (seconds: number) => phaseOf(first, [first, second], secondsAfter(NOW, seconds));
    expect([-1, 0, 999, 1000, 1609, 1610].map(phase)).toEqual([
      'published',
      'signing',
      'signing',
      'retired',
      'retired',
      'removed',
    ]);
    expect(removalAfter(second)).toEqual(secondsAfter(NOW, 1610));
  });

  it('has no end without a successor: a server that was away for a year still signs', () => {
    const first = at(1, 0);
    expect(phaseOf(first, [first], secondsAfter(NOW, 365 * PERIOD))).toBe('signing');
  });

  it('never has two that sign, nor none, whenever one looks', () => {
    const all = [at(1, 0), at(2, 100), at(3, 2000)];
    for (let seconds = 0; seconds < 4000; seconds += 7) {
      const phases = all.map((it) => phaseOf(it, all, secondsAfter(NOW, seconds)));
      expect(phases.filter((phase) => phase === 'signing')).toHaveLength(1);
    }
  });

  it('begins at once for the first, also where a clock is behind by the accepted skew', () => {
    const first = nextGeneration([], NOW)!;
    expect(phaseOf(first, [first], secondsAfter(NOW, -MAX_CLOCK_SKEW_SECONDS))).toBe('signing');
  });

  it('is due for rotation after its period and not before', () => {
    expect(rotationDue([], NOW, PERIOD)).toBe(true);
    expect(rotationDue([at(1, 0)], secondsAfter(NOW, PERIOD - 1), PERIOD)).toBe(false);
    expect(rotationDue([at(1, 0)], secondsAfter(NOW, PERIOD), PERIOD)).toBe(true);
    expect(rotationDue([at(1, 0), at(2, PERIOD)], secondsAfter(NOW, PERIOD), PERIOD)).toBe(false);
  });
});
