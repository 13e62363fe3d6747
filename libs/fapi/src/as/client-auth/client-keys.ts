import { createPublicKey } from 'node:crypto';
import { importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { SigningAlgorithm } from '../../profile.ts';
import { MIN_RSA_BITS, SIGNING_ALGORITHMS } from '../../profile.ts';
import type { KeyHeader } from '../../wire/jws.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';

/** Key types of the algorithms. RFC7518-6, RFC8037-2. */
const FITS: Readonly<Record<SigningAlgorithm, (jwk: JWK) => boolean>> = {
  ES256: ({ kty, crv }) => kty === 'EC' && crv === 'P-256',
  PS256: ({ kty }) => kty === 'RSA',
  EdDSA: ({ kty, crv }) => kty === 'OKP' && crv === 'Ed25519',
};

/** Whether a key may sign with any of the algorithms at all. */
export const isFitKey = (jwk: JWK): boolean => SIGNING_ALGORITHMS.some((alg) => FITS[alg](jwk)) && isSound(jwk);

/** Judged once per key. */
const judged = new WeakMap<JWK, boolean>();

function isSound(jwk: JWK): boolean {
  const known = judged.get(jwk) ?? isWholeAndStrong(jwk);
  judged.set(jwk, known);
  return known;
}

// The numbers count, and not how long they are written: zeros in front of a short modulus make it no stronger.
function isWholeAndStrong(jwk: JWK): boolean {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: { ...publicHalf(jwk) }, format: 'jwk' });
    const { modulusLength, publicExponent } = asymmetricKeyDetails ?? {};
    if (modulusLength === undefined || publicExponent === undefined) return jwk.kty !== 'RSA';
    // FAPI2-SP-FINAL-5.4.1-2. RFC8017-3.1: odd, and 3 at least; with the exponent 1 anybody can sign.
    return modulusLength >= MIN_RSA_BITS && publicExponent >= 3n && publicExponent % 2n === 1n;
  } catch {
    return false;
  }
}

/** Imported once per key: importing costs as much as verifying. */
const imported = new WeakMap<JWK, Promise<CryptoKey>>();

/**
 * The client's key for a signature. A `kid` names one key; without it there must be exactly one that fits, because trying all
 * would let the header decide. When a published set does not hold the key, the client may just have rotated: asked once more.
 *
 * @returns undefined when there is no such key
 * @throws OAuthError `temporarily_unavailable` when the client's published keys cannot be had
 */
export async function clientKey(
  as: Engine,
  client: RegisteredClient,
  header: KeyHeader,
): Promise<CryptoKey | undefined> {
  const known = keyAmong(await keysOf(as, client, false), header);
  if (known !== undefined || client.jwks.kind !== 'remote') return known;
  return keyAmong(await keysOf(as, client, true), header);
}

/** Every key of the client: registered with it, or fetched from where it publishes them. */
export async function keysOf(as: Engine, { jwks }: RegisteredClient, fresh: boolean): Promise<readonly JWK[]> {
  switch (jwks.kind) {
    case 'inline':
      return jwks.keys;
    case 'remote':
      return as.remoteJwks.fetch(jwks.uri, fresh);
    case 'none':
      return [];
  }
}

/** The one key of a set that this header names; none when there are several, because trying all would let the header decide. */
export function keyAmong(keys: readonly JWK[], { alg, kid }: KeyHeader): Promise<CryptoKey> | undefined {
  const fitting = keys.filter(
    (jwk) =>
      FITS[alg](jwk) &&
      isSound(jwk) &&
      (jwk.alg === undefined || jwk.alg === alg) &&
      (jwk.use === undefined || jwk.use === 'sig') &&
      (kid === undefined || jwk.kid === kid),
  );
  const [only, ...others] = fitting;
  return only === undefined || others.length > 0 ? undefined : imports(only, alg);
}

function imports(jwk: JWK, alg: SigningAlgorithm): Promise<CryptoKey> {
  const known = imported.get(jwk);
  if (known !== undefined) return known;
  const importing = importPublic(jwk, alg);
  imported.set(jwk, importing);
  return importing;
}

// Member by member: whatever else a client wrote into its key, only the public half is read.
function publicHalf({ kty, crv, x, y, n, e }: JWK): JWK {
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members);
}

async function importPublic(jwk: JWK, alg: SigningAlgorithm): Promise<CryptoKey> {
  const key = await importJWK(publicHalf(jwk), alg);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key is no client key');
  return key;
}
