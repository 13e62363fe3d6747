import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';

/** Members to replace; `undefined` leaves one out. */
export type Changes = Readonly<Record<string, unknown>>;

/** What a proof is made for. */
export interface ProofOccasion {
  readonly method: string;
  readonly url: string;
  readonly now: Date;
  readonly accessToken?: string;
  readonly nonce?: string;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const PAIRS = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

/** Somebody who holds a key, and writes proofs by hand, so that every forgery can be said as what it changes. RFC9449-4.2. */
export class DpopProver {
  readonly algorithm: keyof typeof PAIRS;
  readonly privateKey: KeyObject;
  readonly publicJwk: JsonWebKey;

  constructor(algorithm: keyof typeof PAIRS = 'ES256') {
    this.algorithm = algorithm;
    const { privateKey, publicKey } = PAIRS[algorithm]();
    this.privateKey = privateKey;
    this.publicJwk = publicKey.export({ format: 'jwk' });
  }

  /** RFC7638-3. */
  thumbprint(): Promise<string> {
    return calculateJwkThumbprint(this.publicJwk);
  }

  /** An honest proof, but for what is changed. */
  prove(occasion: ProofOccasion, claims: Changes = {}, header: Changes = {}): string {
    const { method, url, now, accessToken, nonce } = occasion;
    const honest = {
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(now.getTime() / 1000),
      ...(nonce === undefined ? {} : { nonce }),
      ...(accessToken === undefined ? {} : { ath: createHash('sha256').update(accessToken).digest('base64url') }),
    };
    return this.sign({ ...honest, ...claims }, header);
  }

  /** Signs any claims under any header, with this key and its algorithm. */
  sign(claims: object, header: Changes = {}): string {
    const whole = { typ: 'dpop+jwt', alg: this.algorithm, jwk: this.publicJwk, ...header };
    const input = `${part(whole)}.${part(claims)}`;
    return `${input}.${signatureOver(input, this.algorithm, this.privateKey).toString('base64url')}`;
  }
}

function signatureOver(input: string, algorithm: DpopProver['algorithm'], key: KeyObject): Buffer {
  switch (algorithm) {
    case 'ES256':
      return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    case 'PS256':
      // RSA_PKCS1_PSS_PADDING, with a salt as long as the hash. RFC7518-3.5.
      return sign('sha256', Buffer.from(input), { key, padding: 6, saltLength: 32 });
    case 'EdDSA':
      return sign(null, Buffer.from(input), key);
  }
}
