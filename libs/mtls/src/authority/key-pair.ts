import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { childrenOf, readDer, readWholeBits } from '../der.ts';
import { nothing, oid, sequence } from './asn1.ts';
import type { Asn1 } from './asn1.ts';

/** P-256 by default; RSA-2048 for peers that know nothing else. */
export type KeyKind = 'P-256' | 'RSA-2048';

export function generateKey(kind: KeyKind): KeyObject {
  return kind === 'P-256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

/** SubjectPublicKeyInfo of a private or public key. */
export function publicKeyDer(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** Key identifier: the first 160 bits of SHA-256 over the public key bits. [RFC7093-2] */
export function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256').update(publicKeyBits(key)).digest().subarray(0, 20);
}

/** What the identifiers of a key are hashes of: its public half without the algorithm. */
export function publicKeyBits(key: KeyObject): Buffer {
  const [, publicKey] = childrenOf(readDer(publicKeyDer(key)));
  return readWholeBits(publicKey, 'public key');
}

/** The algorithm `signWith` uses with this key, as certificates name it. */
export function signatureAlgorithm(key: KeyObject): Asn1 {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return sequence(oid('1.2.840.10045.4.3.2'));
    case 'rsa':
      return sequence(oid('1.2.840.113549.1.1.11'), nothing());
    default:
      throw new TypeError(`no signature algorithm for a key of type ${key.asymmetricKeyType}`);
  }
}

/** ECDSA or RSA (PKCS#1 v1.5, as certificates are signed) with SHA-256. */
export function signWith(key: KeyObject, content: Buffer): Buffer {
  return sign('sha256', content, key);
}
