import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedWith, publicJwkOf, readJwt, signJws, strangeKey } from './jws.ts';

describe('a JWS of the lab', () => {
  const keys = { ec: { ...strangeKey('ec'), kid: 'ec' }, rsa: { ...strangeKey('rsa'), kid: 'rsa' } };
  const published = Object.values(keys).map((key) => ({ ...publicJwkOf(key), kid: key.kid }));

  it('is not taken for signed under another key, another algorithm, or changed', () => {
    const jwt = signJws(keys.ec, { sub: 'alice' }).reveal();
    const [header = '', , signature = ''] = jwt.split('.');
    const claims = Buffer.from('{"sub":"mallory"}').toString('base64url');
    expect(isSignedWith([header, claims, signature].join('.'), published)).toBe(false);
    expect(isSignedWith(signJws({ ...strangeKey(), kid: 'ec' }, {}).reveal(), published)).toBe(false);
    expect(isSignedWith(signJws(keys.rsa, {}, { algorithm: 'RS256' }).reveal(), published)).toBe(false);
    expect(isSignedWith(signJws(keys.ec, {}, { algorithm: 'none' }).reveal(), published)).toBe(false);
    expect(isSignedWith(jwt, [])).toBe(false);
  });

  it.each(['ec', 'rsa'] as const)('is signed with the key it names: %s', (type) => {
    const jwt = signJws(keys[type], { sub: 'alice' }, { header: { typ: 'x' } }).reveal();
    expect(isSignedWith(jwt, published)).toBe(true);
    expect(readJwt(jwt)).toEqual({
      header: { alg: keys[type].algorithm, kid: type, typ: 'x' },
      claims: { sub: 'alice' },
    });
  });

  it('has no private member in its public half', () => {
    expect(publicJwkOf(keys.ec)).not.toHaveProperty('d');
    expect(createPublicKey({ key: publicJwkOf(keys.ec), format: 'jwk' }).type).toBe('public');
  });

  it('reads nothing out of what is no JWT', () => {
    for (const odd of [undefined, 7, '', 'a.b', 'e30', '"x".e30.']) expect(readJwt(odd).claims).toEqual({});
  });
});
