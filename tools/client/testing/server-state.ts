import { createHash, randomBytes } from 'node:crypto';
import type { Bend } from './bend.ts';
import { ClientCheck } from './proof-check.ts';
import type { Registration } from './registration.ts';
import type { Json, Signer } from './signer.ts';

/** What an access token is bound to: a certificate or a key. */
export type Confirmation = { readonly 'x5t#S256': string } | { readonly jkt: string };

export interface Grant {
  readonly request: URLSearchParams;
  alive: boolean;
}

/** What somebody is to decide about on another device. */
export interface PendingDecision {
  readonly grant: Grant;
  asked: number;
  approved: boolean;
}

/** Where the hostile server is to be found. */
export interface Addresses {
  readonly issuer: string;
  readonly mtls: string;
  readonly resource: string;
  /** A bank this server does not belong to. */
  readonly otherBank: string;
}

export const SUBJECT = 'cus-alice-7302';

/** Everything the hostile server knows in one run. */
export class ServerState {
  readonly addresses: Addresses;
  readonly signer: Signer;
  readonly client: Registration;
  readonly bend: Bend;
  readonly check: ClientCheck;
  readonly pushed = new Map<string, URLSearchParams>();
  readonly codes = new Map<string, Grant>();
  readonly accessTokens = new Map<string, { confirmation: Confirmation; grant: Grant }>();
  readonly refreshTokens = new Map<string, Grant>();
  readonly backchannel = new Map<string, PendingDecision>();
  readonly sessions = new Set<string>();
  /** How notifications were answered. */
  readonly notified: number[] = [];

  constructor(addresses: Addresses, signer: Signer, client: Registration, bend: Bend) {
    this.addresses = addresses;
    this.signer = signer;
    this.client = client;
    this.bend = bend;
    this.check = new ClientCheck(addresses.issuer);
  }

  random(): string {
    return randomBytes(24).toString('base64url');
  }

  idToken(more: Json, bend: Bend['idToken']): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const { alg, clientId } = this.client;
    const claims = { iss: this.addresses.issuer, sub: SUBJECT, aud: clientId, iat: now, exp: now + 300, ...more };
    return this.signer.sign(claims, alg, bend);
  }

  /** OIDC-CORE-3.1.3.6: half of the hash, by the algorithm of the signature. */
  halfHash(text: string): string {
    const digest = createHash(this.client.alg === 'EdDSA' ? 'sha512' : 'sha256')
      .update(text)
      .digest();
    return digest.subarray(0, digest.length / 2).toString('base64url');
  }
}
