import { generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyGeneration, SigningAlgorithm } from '@holdfast/fapi/as';

const generate = promisify(generateKeyPair);

/** RFC7518-3.5: RSA keys of 2048 bits or more; the smallest is the quickest, and each lives for weeks only. */
const RSA_BITS = 2048;

const makers: Readonly<Record<SigningAlgorithm, () => Promise<{ privateKey: KeyObject }>>> = {
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
  PS256: () => generate('rsa', { modulusLength: RSA_BITS }),
  EdDSA: () => generate('ed25519'),
};

/** Fresh private keys for one generation, one per algorithm. */
export function generateKeys(): Promise<KeyGeneration['privateJwks']> {
  return Promise.all(
    Object.entries(makers).map(async ([alg, make]) => ({
      ...(await make()).privateKey.export({ format: 'jwk' }),
      alg,
    })),
  );
}
