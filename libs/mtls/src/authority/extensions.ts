import { isIPv4 } from 'node:net';
import {
  bits,
  boolean,
  enumerated,
  explicit,
  hexInteger,
  implicit,
  integer,
  nothing,
  octets,
  oid,
  sequence,
  toDer,
} from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import { REVOCATION_REASONS } from '../revocation-reason.ts';
import type { RevocationReason } from '../revocation-reason.ts';

/** What a certificate may be used for: its extended key usage. `none` leaves the extension out. */
export type Purpose = 'server' | 'client' | 'both' | 'none';

export interface AlternativeNameRequest {
  readonly dnsNames?: readonly string[];
  readonly uris?: readonly string[];
  readonly ips?: readonly string[];
  readonly emails?: readonly string[];
}

/** One extension as a certificate, a request or a list carries it. */
export function extension(id: string, critical: boolean, value: Asn1): Asn1 {
  return sequence(oid(id), critical ? boolean(true) : undefined, octets(toDer(value)));
}

/** CA:TRUE with an optional limit of how many authorities may follow, or an explicit "not an authority". */
export function basicConstraints(ca: false | { readonly pathLength?: number }): Asn1 {
  if (ca === false) return extension('2.5.29.19', true, sequence());
  const pathLength = ca.pathLength === undefined ? undefined : integer(ca.pathLength);
  return extension('2.5.29.19', true, sequence(boolean(true), pathLength));
}

/** keyCertSign and cRLSign for authorities, digitalSignature for leaves: TLS 1.3 needs no other. */
export function keyUsage(use: 'authority' | 'leaf'): Asn1 {
  const value = use === 'authority' ? bits(Buffer.of(0x06), 1) : bits(Buffer.of(0x80), 7);
  return extension('2.5.29.15', true, value);
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const USAGES = { server: [SERVER_AUTH], client: [CLIENT_AUTH], both: [SERVER_AUTH, CLIENT_AUTH], none: [] };

export function extendedKeyUsage(purpose: Purpose): Asn1 | undefined {
  const usages = USAGES[purpose];
  return usages.length === 0 ? undefined : extension('2.5.29.37', false, sequence(...usages.map(oid)));
}

/** May sign answers about certificates on behalf of the authority that issued it, and nothing else. [RFC6960-4.2.2.2] */
export const ocspSigningUsage = (): Asn1 => extension('2.5.29.37', false, sequence(oid(OCSP_SIGNING)));

/** Nobody asks about the certificate of the one who answers. [RFC6960-4.2.2.2.1] */
export const ocspNoCheck = (): Asn1 => extension('1.3.6.1.5.5.7.48.1.5', false, nothing());

export function subjectKeyIdentifier(identifier: Buffer): Asn1 {
  return extension('2.5.29.14', false, octets(identifier));
}

export function authorityKeyIdentifier(identifier: Buffer): Asn1 {
  return extension('2.5.29.35', false, sequence(implicit(0, identifier)));
}

export function crlNumber(number: number): Asn1 {
  return extension('2.5.29.20', false, hexInteger(number.toString(16)));
}

/** "Unspecified" is said by leaving the extension out. [RFC5280-5.3.1] */
export function reasonCode(reason: RevocationReason): Asn1 | undefined {
  return reason === 'unspecified' ? undefined : extension('2.5.29.21', false, enumerated(REVOCATION_REASONS[reason]));
}

export function subjectAltName(names: AlternativeNameRequest): Asn1 | undefined {
  const { dnsNames = [], uris = [], ips = [], emails = [] } = names;
  const entries = [
    ...emails.map((email) => implicit(1, Buffer.from(email, 'latin1'))),
    ...dnsNames.map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...uris.map((uri) => implicit(6, Buffer.from(uri, 'latin1'))),
    ...ips.map((ip) => implicit(7, ipBytes(ip))),
  ];
  return entries.length === 0 ? undefined : extension('2.5.29.17', false, sequence(...entries));
}

/** The list of extensions as a certificate or CRL wraps it. */
export function extensions(tag: number, list: (Asn1 | undefined)[]): Asn1 {
  return explicit(tag, sequence(...list));
}

function ipBytes(ip: string): Buffer {
  if (isIPv4(ip)) return Buffer.from(ip.split('.').map(Number));
  // The URL parser writes IPv6 in hex groups and refuses what is no address.
  const [head = '', tail] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const middle = Array<string>(8 - left.length - right.length).fill('0');
  return Buffer.from([...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
