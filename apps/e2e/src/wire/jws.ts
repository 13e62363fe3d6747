import { constants, createHmac, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Turns the signed part of a JWS into its signature. RFC7515-5.1. */
export type Signer = (input: Buffer) => Uint8Array;

export type Members = Readonly<Record<string, unknown>>;

// A library would refuse to make most of what the suites need: these make whatever they are told to.
export const es256 =
  (key: KeyObject): Signer =>
  (input) =>
    sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });

export const ps256 =
  (key: KeyObject): Signer =>
  (input) =>
    sign('sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });

export const rs256 =
  (key: KeyObject): Signer =>
  (input) =>
    sign('sha256', input, key);

export const hs256 =
  (secret: string | Buffer): Signer =>
  (input) =>
    createHmac('sha256', secret).update(input).digest();

export const unsigned: Signer = () => new Uint8Array();

/** RFC8725-2.1 of ECDSA: zero for both numbers, which a careless verifier finds right for every key (CVE-2022-21449). */
export const allZero: Signer = () => new Uint8Array(64);

/** A compact JWS; members that are `undefined` are left out. */
export function compactJws(header: Members, claims: Members, signer: Signer): string {
  const part = (members: Members): string => Buffer.from(JSON.stringify(members)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${Buffer.from(signer(Buffer.from(input))).toString('base64url')}`;
}

/** The claims of a JWS, as anybody can read them. */
export function claimsOf(jws: string): Record<string, unknown> {
  const [, payload = ''] = jws.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}
