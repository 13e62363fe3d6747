import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { importSigningKeys } from './signing-keys.ts';

const ec = (namedCurve: 'P-256' | 'P-384') => generateKeyPairSync('ec', { namedCurve });
const publicJwk = (kid: string) => ({ ...ec('P-256').publicKey.export({ format: 'jwk' }), kid, use: 'sig' });

describe('the key set of the issuer', () => {
  const good = publicJwk('one');

  it.each([
    ['no document', undefined],
    ['no keys', { keys: [] }],
    ['a private key', { keys: [good, { ...ec('P-256').privateKey.export({ format: 'jwk' }), kid: 'two' }] }],
    ['a symmetric key', { keys: [good, { kty: 'oct', k: 'c2VjcmV0', kid: 'two' }] }],
    ['one kid for two keys', { keys: [good, publicJwk('one')] }],
    ['no key for signatures', { keys: [{ ...good, use: 'enc' }] }],
    ['no key with a kid', { keys: [{ ...good, kid: undefined }] }],
    ['only another curve', { keys: [{ ...ec('P-384').publicKey.export({ format: 'jwk' }), kid: 'two' }] }],
    ['a point off the curve', { keys: [{ ...good, y: good.x }] }],
    [
      'more keys than anybody needs',
      { keys: Array.from({ length: 51 }, (_, index) => ({ ...good, kid: `k${index}` })) },
    ],
  ])('refuses a set with %s', async (_, document) => {
    await expect(importSigningKeys(document)).rejects.toThrow();
  });

  it('skips keys for other purposes and keeps the ones for ES256 [RFC7517-5]', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const keys = await importSigningKeys({ keys: [{ ...rsa, kid: 'rsa' }, good] });
    expect([...keys.keys()]).toEqual(['one']);
    expect(keys.get('one')).toMatchObject({ type: 'public', extractable: false, usages: ['verify'] });
  });
});
