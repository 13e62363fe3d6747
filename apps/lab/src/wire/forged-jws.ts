import { createHmac, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Turns the signed part of a JWS into its signature. RFC7515-5.1 */
export type Signer = (input: Buffer) => Uint8Array;

export type Members = Readonly<Record<string, unknown>>;

/** RFC7518-3.4 */
export const es256 =
  (key: KeyObject): Signer =>
  (input) =>
    sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });

/** RFC7518-3.2 */
export const hs256 =
  (secret: string | Buffer): Signer =>
  (input) =>
    createHmac('sha256', secret).update(input).digest();

/** RFC7518-3.6 */
export const unsigned: Signer = () => new Uint8Array();

/** Zero for both numbers of ECDSA, which a careless verifier finds right for every key (CVE-2022-21449). */
export const allZero: Signer = () => new Uint8Array(64);

/** A compact JWS, however wrong; members that are `undefined` are left out. */
export function compactJws(header: Members, claims: Members, signer: Signer): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${Buffer.from(signer(Buffer.from(input))).toString('base64url')}`;
}

/** Header and claims of a JWS as anybody can read them, nothing verified. */
export function readJws(jws: string): { header: Members; claims: Members; input: Buffer; signature: Buffer } {
  const [header = '', claims = '', signature = ''] = jws.split('.');
  return {
    header: decoded(header),
    claims: decoded(claims),
    input: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

const encoded = (members: Members): string => Buffer.from(JSON.stringify(members)).toString('base64url');

function decoded(part: string): Members {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
