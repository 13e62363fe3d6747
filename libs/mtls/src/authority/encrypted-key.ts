import type { KeyObject } from 'node:crypto';
import { octets, sequence, toDer } from './asn1.ts';
import { encrypt } from './password-encryption.ts';
import type { PasswordLock } from './password-encryption.ts';

/**
 * A private key as PEM under a password: PKCS#8, encrypted as PKCS#12 files are. OpenSSL's own writer, which Node uses, counts to
 * 2048 and cannot be told otherwise. [RFC5958-3]
 * @throws TypeError for an empty password
 */
export function encryptedKeyPem(key: KeyObject, lock: PasswordLock): string {
  if (lock.password === '') throw new TypeError('an encrypted key without a password is a key without a lock');
  const { algorithm, encrypted } = encrypt(key.export({ type: 'pkcs8', format: 'der' }), lock);
  const lines = toDer(sequence(algorithm, octets(encrypted)))
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}
