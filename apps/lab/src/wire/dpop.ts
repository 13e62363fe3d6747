import { createHash, randomUUID } from 'node:crypto';
import type { Json, JwsAlgorithm, SigningKey } from './jws.ts';
import { publicJwkOf, signJws, strangeKey } from './jws.ts';
import type { Secret } from './secret.ts';

/** A key that is proven with every request. RFC9449-4.2 */
export type DpopKey = SigningKey;

export const newDpopKey = (): DpopKey => strangeKey('ec');

/** SHA-256 thumbprint of the public key. RFC7638-3 */
export function thumbprintOfKey(key: DpopKey): string {
  const { crv, kty, x, y } = publicJwkOf(key);
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

export interface ProofRequest {
  readonly method: string;
  readonly url: string;
  readonly token?: Secret;
  readonly nonce?: string;
}

/** What a proof says otherwise than it should; `undefined` leaves a member out. */
export interface ProofChanges {
  readonly header?: Json;
  readonly claims?: Json;
  readonly algorithm?: JwsAlgorithm;
}

/** RFC9449-4.2 */
export function dpopProof(
  key: DpopKey,
  { method, url, token, nonce }: ProofRequest,
  changes: ProofChanges = {},
): Secret {
  const claims = {
    jti: randomUUID(),
    htm: method,
    htu: new URL(url).origin + new URL(url).pathname,
    iat: Math.floor(Date.now() / 1000),
    ...(token === undefined ? {} : { ath: createHash('sha256').update(token.reveal(), 'ascii').digest('base64url') }),
    ...(nonce === undefined ? {} : { nonce }),
    ...changes.claims,
  };
  const header = { typ: 'dpop+jwt', jwk: publicJwkOf(key), ...changes.header };
  return signJws(key, claims, { header, ...(changes.algorithm === undefined ? {} : { algorithm: changes.algorithm }) });
}
