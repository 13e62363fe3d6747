import type { JsonWebKey } from 'node:crypto';
import { createHash, generateKeyPairSync, hash, randomUUID, sign } from 'node:crypto';
import type { Changes } from './access-tokens.ts';
import { unsigned } from './access-tokens.ts';

/** What a proof is made for. */
export interface Occasion {
  readonly token: string;
  readonly url: string;
  readonly method?: string;
  readonly nonce?: string;
}

/** Somebody who proves a key with DPoP, or pretends to. */
export class KeyHolder {
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #jwk: JsonWebKey = this.#pair.publicKey.export({ format: 'jwk' });

  /** RFC7638-3: the required members in lexicographic order, without spaces. */
  get jkt(): string {
    const { crv, kty, x, y } = this.#jwk;
    return hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
  }

  /** An honest proof of this moment, but for the claims that are changed. */
  prove({ token, url, method = 'GET', nonce }: Occasion, changes: Changes = {}): string {
    const claims = {
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(Date.now() / 1000),
      ath: createHash('sha256').update(token).digest('base64url'),
      ...(nonce === undefined ? {} : { nonce }),
      ...changes,
    };
    const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: this.#jwk };
    const input = unsigned(header, claims, '').slice(0, -1);
    const { privateKey: key } = this.#pair;
    return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
}
