import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';

/** A claim set or header with members replaced; `undefined` leaves one out. */
export type Changes = Readonly<Record<string, unknown>>;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs access tokens by hand, so that every forgery can be written down as what it changes. */
export class TokenForge {
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly kid = randomUUID();
  readonly issuer: string;
  readonly audience: string;

  constructor(issuer: string, audience: string) {
    this.issuer = issuer;
    this.audience = audience;
  }

  get jwks(): object {
    return { keys: [{ ...this.publicJwk, kid: this.kid, use: 'sig', alg: 'ES256' }] };
  }

  get publicJwk(): object {
    return this.#pair.publicKey.export({ format: 'jwk' });
  }

  get publicPem(): string {
    return this.#pair.publicKey.export({ format: 'pem', type: 'spki' }) as string;
  }

  /** The claims of an honest token of Alice for Tidepool, bound to `thumbprint`. */
  claims(thumbprint: string, changes: Changes = {}): object {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: this.issuer,
      aud: this.audience,
      sub: 'cus-alice-7302',
      client_id: 'tidepool',
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      grant_id: randomUUID(),
      cnf: { 'x5t#S256': thumbprint },
      ...changes,
    };
  }

  /** Signs with ES256 and this key, unless the header or the key says otherwise. */
  sign(claims: object, header: Changes = {}, key: KeyObject = this.#pair.privateKey): string {
    const input = `${part({ alg: 'ES256', typ: 'at+jwt', kid: this.kid, ...header })}.${part(claims)}`;
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}

/** The header and payload of a token, with whatever signature. */
export const unsigned = (header: object, claims: object, signature: string): string =>
  `${part(header)}.${part(claims)}.${signature}`;
