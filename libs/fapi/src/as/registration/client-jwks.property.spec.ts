import { createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { importJWK } from 'jose';
import type { JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import { clientSigner } from '../../testing/client-signer.ts';
import { damagedText } from '../../testing/jws.ts';
import { checkClientJwks } from './client-jwks.ts';

const KEYS = (['ES256', 'PS256', 'EdDSA'] as const).map((alg) => clientSigner(alg).jwk);
const ALGORITHMS: Readonly<Record<string, string>> = { EC: 'ES256', RSA: 'PS256', OKP: 'EdDSA' };

/** The keys that were taken, or undefined where they were refused; nothing else may happen. */
function check(value: unknown): readonly JWK[] | undefined {
  try {
    return checkClientJwks(value);
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ code: 'invalid_client_metadata', reason: 'client_metadata_malformed' });
    return undefined;
  }
}

const short = Buffer.from(KEYS[1]!.n!, 'base64url').subarray(0, 128);
const value = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, {}, [], ['x'], 'AQ', 'AQAB', 'Aw', 'EC', 'RSA', 'OKP', 'oct'),
  fc.constantFrom('P-256', 'P-384', 'Ed25519', 'X25519', 'AA', 'A'.repeat(43), 'A'.repeat(400)),
  fc.constant(Buffer.concat([Buffer.alloc(128), short]).toString('base64url')),
);
const changed = fc.constantFrom(...KEYS).chain((jwk) =>
  fc.oneof(
    fc
      .dictionary(fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'use', 'alg', 'd', 'k', 'x5c'), value, {
        maxKeys: 2,
      })
      .map((odd) => ({ ...jwk, ...odd })),
    fc
      .constantFrom(...(['x', 'y', 'n', 'e'] as const).filter((name) => jwk[name] !== undefined))
      .chain((name) => damagedText(jwk[name]!).map((text) => ({ ...jwk, [name]: text }))),
  ),
);

describe('the keys of a registration [RFC7517-4] [FAPI2-SP-FINAL-5.4.1-2]', () => {
  it('can be used for what they are taken for, and are strong enough', async () => {
    await fc.assert(
      fc.asyncProperty(changed, async (jwk) => {
        const [taken] = check({ keys: [jwk] }) ?? [];
        if (taken === undefined) return;
        const { kty, crv, x, y, n, e } = taken;
        const publicHalf = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as JWK;
        await importJWK(publicHalf, ALGORITHMS[kty ?? '']);
        const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key: { ...publicHalf }, format: 'jwk' });
        expect(['ec', 'rsa', 'ed25519']).toContain(asymmetricKeyType);
        if (asymmetricKeyType === 'rsa') {
          expect(asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048);
          // RFC8017-3.1: odd, and 3 at least; under the exponent 1 anybody signs.
          expect(asymmetricKeyDetails?.publicExponent).toBeGreaterThanOrEqual(3n);
          expect((asymmetricKeyDetails?.publicExponent ?? 0n) % 2n).toBe(1n);
        }
        for (const own of ['d', 'k']) expect(taken).not.toHaveProperty(own);
      }),
    );
  });

  it('are taken as they are, in any number up to ten, each under a name of its own', () => {
    const kid = fc.option(fc.constantFrom('a', 'b', 'c', 'A', ''), { nil: undefined });
    const set = fc.array(fc.tuple(fc.constantFrom(...KEYS), kid), { maxLength: 12 });
    fc.assert(
      fc.property(set, (chosen) => {
        const keys = chosen.map(([{ kid: _, ...jwk }, name]) => ({
          ...jwk,
          ...(name === undefined ? {} : { kid: name }),
        }));
        const named = chosen.flatMap(([, name]) => name ?? []);
        const good = keys.length > 0 && keys.length <= 10 && new Set(named).size === named.length;
        expect(check({ keys })).toEqual(good ? keys : undefined);
      }),
    );
  });

  it('are taken or refused, whatever they are', () => {
    fc.assert(
      fc.property(fc.anything(), (odd) => {
        expect(check(odd)).toBeUndefined();
        expect(check({ keys: odd })).toBeUndefined();
        expect(check({ keys: [odd] })).toBeUndefined();
        expect(check({ keys: [KEYS[0], odd] })).toBeUndefined();
      }),
    );
  });
});
