import { SignJWT, base64url, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { SigningAlgorithm } from '../client-file.ts';

export type Json = Record<string, unknown>;

/** How a JWT of the server is bent; what is left out stays honest. */
export interface JwtBend {
  readonly claims?: (honest: Json) => Json;
  /** `none`: no signature at all; `stranger`: a key nobody published; else another published key. */
  readonly signedWith?: 'none' | 'stranger' | SigningAlgorithm;
  /** The finished JWT. */
  readonly text?: (jwt: string) => string;
}

/** The signing keys of the hostile server. */
export class Signer {
  readonly #keys = new Map<string, CryptoKey>();
  readonly #published: JWK[] = [];

  static async create(): Promise<Signer> {
    const signer = new Signer();
    for (const alg of ['ES256', 'PS256', 'EdDSA'] as const) {
      const { privateKey, publicKey } = await generateKeyPair(alg);
      signer.#keys.set(alg, privateKey);
      signer.#published.push({ ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' });
    }
    signer.#keys.set('stranger', (await generateKeyPair('ES256')).privateKey);
    return signer;
  }

  jwks(): Json {
    return { keys: this.#published };
  }

  async sign(honest: Json, alg: SigningAlgorithm, bend: JwtBend = {}): Promise<string> {
    const claims = bend.claims?.(honest) ?? honest;
    const jwt = await this.#signed(claims, alg, bend.signedWith ?? alg);
    return bend.text?.(jwt) ?? jwt;
  }

  async #signed(claims: Json, alg: SigningAlgorithm, key: NonNullable<JwtBend['signedWith']>): Promise<string> {
    if (key === 'none') {
      const parts = [{ alg: 'none', kid: alg }, claims].map((part) => base64url.encode(JSON.stringify(part)));
      return `${parts.join('.')}.`;
    }
    const header = key === 'stranger' ? { alg: 'ES256', kid: 'ES256' } : { alg: key, kid: key };
    return new SignJWT(claims).setProtectedHeader(header).sign(this.#keys.get(key)!);
  }
}

/** The claims with some changed; `undefined` takes one away. */
export const having =
  (change: Json) =>
  (honest: Json): Json =>
    Object.fromEntries(Object.entries({ ...honest, ...change }).filter(([, value]) => value !== undefined));
