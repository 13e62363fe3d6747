import { importJWK, SignJWT } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import { SIGNING_ALGORITHMS } from '../../profile.ts';

/** The keys that sign tokens. Imported once: importing costs more than verifying. */
export interface SigningKeys {
  /** Signs with the newest key. */
  sign(typ: 'at+jwt' | 'JWT', claims: JWTPayload): Promise<string>;
  verificationKey(kid: string, alg: string): CryptoKey | undefined;
  /** The public half, for the JWKS endpoint. RFC7517-5. */
  readonly publicJwks: { readonly keys: readonly JWK[] };
}

/**
 * Imports a private JWKS; the first key signs, the others still verify.
 *
 * @throws TypeError when a key is unfit: no `kid`, a repeated one, a wrong algorithm, no private half
 */
export async function importSigningKeys(jwks: { readonly keys: readonly JWK[] }): Promise<SigningKeys> {
  const imported = await Promise.all(jwks.keys.map(importOne));
  const [newest] = imported;
  if (newest === undefined) throw new TypeError('the signing key set is empty');
  const byKid = new Map(imported.map((key) => [key.kid, key]));
  if (byKid.size !== imported.length) throw new TypeError('two signing keys share one kid');
  return {
    sign: (typ, claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: newest.alg, kid: newest.kid, typ }).sign(newest.privateKey),
    verificationKey: (kid, alg) => {
      const key = byKid.get(kid);
      return key?.alg === alg ? key.publicKey : undefined;
    },
    publicJwks: { keys: imported.map(({ publicJwk }) => publicJwk) },
  };
}

async function importOne(jwk: JWK) {
  const alg = SIGNING_ALGORITHMS.find((allowed) => allowed === jwk.alg);
  if (alg === undefined) throw new TypeError(`signing key algorithm ${String(jwk.alg)} is not allowed`);
  const { kid, kty, crv, x, y, d } = jwk;
  if (kid === undefined || d === undefined) throw new TypeError('a signing key needs kid and its private half');
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
    throw new TypeError('an ES256 signing key is an EC key on P-256');
  // Built member by member, so that no private member can slip into what is published.
  const publicJwk: JWK = { kty, crv, x, y, kid, alg, use: 'sig' };
  const [privateKey, publicKey] = await Promise.all([importJWK(jwk, alg), importJWK(publicJwk, alg)]);
  return { kid, alg, publicJwk, privateKey: asKey(privateKey), publicKey: asKey(publicKey) };
}

function asKey(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key cannot sign tokens');
  return key;
}
