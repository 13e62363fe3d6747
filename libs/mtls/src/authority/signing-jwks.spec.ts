import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSigningJwks, jwkThumbprint } from './signing-jwks.ts';

describe('signing keys', () => {
  it('are never the same twice', () => {
    expect(createSigningJwks().keys[0]?.kid).not.toBe(createSigningJwks().keys[0]?.kid);
  });

  it('are named by their thumbprint, whatever else stands in the key [RFC7638-3]', () => {
    const [jwk] = createSigningJwks().keys;
    if (jwk === undefined) throw new Error('no key');
    expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: jwkThumbprint(jwk) });
    const { kty, crv, x, y } = jwk;
    expect(jwkThumbprint({ y, x, kty, crv } as typeof jwk)).toBe(jwk.kid);
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    expect(verify('sha256', Buffer.from('x'), createPublicKey(key), sign('sha256', Buffer.from('x'), key))).toBe(true);
  });

  it('get the thumbprint other implementations compute', () => {
    // The P-256 key of RFC7517-A.1; its thumbprint was computed with an independent library.
    const x = 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4';
    const y = '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM';
    expect(jwkThumbprint({ kty: 'EC', crv: 'P-256', x, y })).toBe('cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s');
  });
});
