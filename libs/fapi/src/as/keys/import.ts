import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { SIGNING_ALGORITHMS } from '../../profile.ts';
import type { SigningAlgorithm } from '../../profile.ts';

/** A key pair, ready for use: importing costs more than verifying, so it is done once. */
export interface ImportedKey {
  readonly alg: SigningAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: CryptoKey;
  /** Member by member what may be published, with the `kid`. */
  readonly publicJwk: JWK & { readonly kid: string };
}

/** RFC7518-6: what kind of key an algorithm takes, and the members of its public half. */
const KINDS = {
  ES256: { kty: 'EC', crv: 'P-256', members: ['crv', 'x', 'y'] },
  PS256: { kty: 'RSA', crv: undefined, members: ['n', 'e'] },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'x'] },
} as const satisfies Record<SigningAlgorithm, unknown>;

// FAPI2-SP-FINAL-5.4.1-2 [META-20]: RSA keys of 2048 bits or more.
const RSA_BYTES_AT_LEAST = 2048 / 8;

/**
 * Imports one private key per algorithm. Each is named by its RFC7638-3 thumbprint, so that no two keys share a `kid`.
 * FAPI2-SP-FINAL-5.4.2-3 [META-18]
 * @throws TypeError when a key is unfit for its algorithm or public only, or an algorithm has no key or two
 */
export async function importKeys(jwks: readonly JWK[]): Promise<ReadonlyMap<SigningAlgorithm, ImportedKey>> {
  const keys = new Map<SigningAlgorithm, ImportedKey>();
  for (const key of await Promise.all(jwks.map(importOne))) {
    if (keys.has(key.alg)) throw new TypeError(`two keys for ${key.alg}: which of them signs?`);
    keys.set(key.alg, key);
  }
  const missing = SIGNING_ALGORITHMS.find((alg) => !keys.has(alg));
  if (missing !== undefined) throw new TypeError(`no key for ${missing}`);
  return keys;
}

async function importOne(jwk: JWK): Promise<ImportedKey> {
  const alg = SIGNING_ALGORITHMS.find((allowed) => allowed === jwk.alg);
  if (alg === undefined) throw new TypeError(`a key for ${String(jwk.alg)}, which does not sign here`);
  const { kty, crv, members } = KINDS[alg];
  if (jwk.kty !== kty || jwk.crv !== crv) throw new TypeError(`${alg} takes another kind of key`);
  if (jwk.d === undefined) throw new TypeError(`a key for ${alg} without its private half`);
  // RFC7517-9.2 [META-19]: built member by member, so that no private member can slip into what is published.
  const bare: JWK = { kty, ...Object.fromEntries(members.map((member) => [member, jwk[member]])) };
  if (kty === 'RSA' && Buffer.from(jwk.n ?? '', 'base64url').length < RSA_BYTES_AT_LEAST)
    throw new TypeError(`a key for ${alg} of less than 2048 bits`);
  const publicJwk = { ...bare, kid: await calculateJwkThumbprint(bare), alg, use: 'sig' };
  return { alg, publicJwk, privateKey: privateKeyOf(jwk), publicKey: await publicKeyOf(publicJwk, alg) };
}

function privateKeyOf(jwk: JWK): KeyObject {
  try {
    return createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  } catch (cause) {
    throw new TypeError(`a key for ${String(jwk.alg)} that cannot be read`, { cause });
  }
}

async function publicKeyOf(jwk: JWK, alg: SigningAlgorithm): Promise<CryptoKey> {
  const key = await importJWK(jwk, alg);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key cannot sign tokens');
  return key;
}
