import { generateKeyPairSync, hash } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';

/** A private key of a key set: an EC key on P-256 with its use written on it. */
export interface SigningJwk extends JsonWebKey {
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

/** A private key set with one ES256 key; its `kid` is the key's own thumbprint, so two keys never share a name. [RFC7638-3] */
export function createSigningJwks(): { keys: SigningJwk[] } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' });
  return { keys: [{ ...jwk, kid: jwkThumbprint(jwk), alg: 'ES256', use: 'sig' }] };
}

/** RFC7638-3.2: the required members of an EC key in lexicographic order, without spaces. */
export function jwkThumbprint({ crv, kty, x, y }: JsonWebKey): string {
  return hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
}
