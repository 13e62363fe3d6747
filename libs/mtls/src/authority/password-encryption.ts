import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import { integer, nothing, octets, oid, sequence } from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import { pkcs12Key } from './pkcs12-key.ts';

const OID = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha1And3Des: '1.2.840.113549.1.12.1.3',
};

/**
 * `modern`: AES-256 under PBKDF2 with HMAC-SHA-256. `legacy`: triple DES under SHA-1, for keychains that read nothing else (Windows
 * before Server 2019, older macOS); worth no more than the file permissions and the way it travels.
 */
export type Strength = 'modern' | 'legacy';

/** How something is locked with a password. */
export interface PasswordLock {
  /** Not empty. */
  readonly password: string;
  /** Source of salts and initialisation vectors. */
  readonly random: (bytes: number) => Buffer;
  /** `modern` when absent. */
  readonly strength?: Strength | undefined;
  /**
   * Rounds of the key derivation; 10 000 when absent: enough for a random password, where the count only has to keep a guess from
   * being free. A password that a person made up needs more. Our choice, no clause.
   */
  readonly iterations?: number | undefined;
}

export const ITERATIONS = 10_000;

export interface Encrypted {
  /** AlgorithmIdentifier with salt, count and vector. */
  readonly algorithm: Asn1;
  readonly encrypted: Buffer;
}

/** Encrypts under a password. */
export function encrypt(plain: Buffer, lock: PasswordLock): Encrypted {
  return lock.strength === 'legacy' ? encryptForOldReaders(plain, lock) : encryptByPbes2(plain, lock);
}

/** [RFC8018-6.2] */
function encryptByPbes2(plain: Buffer, { password, random, iterations = ITERATIONS }: PasswordLock): Encrypted {
  const salt = random(16);
  const iv = random(16);
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(password, salt, iterations, 32, 'sha256'), iv);
  const derivation = sequence(octets(salt), integer(iterations), sequence(oid(OID.hmacSha256), nothing()));
  const algorithm = sequence(
    oid(OID.pbes2),
    sequence(sequence(oid(OID.pbkdf2), derivation), sequence(oid(OID.aes256Cbc), octets(iv))),
  );
  return { algorithm, encrypted: Buffer.concat([cipher.update(plain), cipher.final()]) };
}

/** pbeWithSHAAnd3-KeyTripleDES-CBC. [RFC7292-C] */
function encryptForOldReaders(plain: Buffer, { password, random, iterations = ITERATIONS }: PasswordLock): Encrypted {
  const salt = random(8);
  const derive = (purpose: 'key' | 'iv', length: number): Buffer =>
    pkcs12Key({ password, salt, purpose, iterations, length, digest: 'sha1' });
  const cipher = createCipheriv('des-ede3-cbc', derive('key', 24), derive('iv', 8));
  const algorithm = sequence(oid(OID.sha1And3Des), sequence(octets(salt), integer(iterations)));
  return { algorithm, encrypted: Buffer.concat([cipher.update(plain), cipher.final()]) };
}
