import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import { exclusively, PRIVATE, PUBLIC, writeWhole } from '@holdfast/pki';
import type { Owner } from '@holdfast/pki';

/** The directory of this demonstration: who vouches for software. Nothing listens at this name. */
export const DIRECTORY_ISSUER = 'https://directory.localhost';

/** The private key it signs statements with; no application is given it. */
const keyFileOf = (home: string): string => join(home, 'pki/directory/signing-key.json');
/** The public half, beside the other things everybody may trust. */
const jwksFileOf = (home: string): string => join(home, 'pki/trust/directory.json');

/** A private JWK with its `kid`. */
export type DirectoryKey = JsonWebKey & { readonly kid: string };

/**
 * Makes the key of the directory when there is none, and publishes its public half. Doing it twice changes nothing the second
 * time.
 *
 * @throws MtlsConfigError with one line and a remedy when the key is there and cannot be read
 */
export function ensureDirectory(options: {
  readonly home: string;
  readonly report?: (what: string) => void;
  readonly owner?: Owner;
}): void {
  const { home, report = () => {}, owner } = options;
  exclusively(join(home, 'pki'), () => {
    if (!existsSync(keyFileOf(home))) {
      writeWhole(keyFileOf(home), `${JSON.stringify(makeKey(), undefined, 2)}\n`, PRIVATE, owner);
      report('made the key of the directory');
    }
    const text = `${JSON.stringify({ keys: [publicHalf(readDirectoryKey(home))] }, undefined, 2)}\n`;
    const file = jwksFileOf(home);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeWhole(file, text, PUBLIC);
  });
}

/** @throws MtlsConfigError when there is none, or it is torn */
export function readDirectoryKey(home: string): DirectoryKey {
  const file = keyFileOf(home);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DirectoryKey;
  } catch (cause) {
    throw new MtlsConfigError(
      `the key of the directory cannot be read: ${file}`,
      existsSync(file) ? `remove it, a new one is made: rm ${file}` : 'run npm start once, which makes it',
      { cause },
    );
  }
}

function makeKey(): DirectoryKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), alg: 'ES256', use: 'sig' };
}

function publicHalf({ kid, alg, use, ...key }: DirectoryKey): JsonWebKey {
  return { ...createPublicKey({ key, format: 'jwk' }).export({ format: 'jwk' }), kid, alg, use };
}
