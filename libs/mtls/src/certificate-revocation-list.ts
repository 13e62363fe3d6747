import { verify } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { CertificateError } from './certificate-error.ts';
import { childrenOf, expectTag, readDer, readOid, TAG } from './der.ts';
import type { DerValue } from './der.ts';
import { reasonOf } from './revocation-reason.ts';
import type { RevocationReason } from './revocation-reason.ts';

/** A list of revoked certificates, verified: what one authority has taken back. [RFC5280-5.1] */
export interface CertificateRevocationList {
  readonly authority: X509Certificate;
  /** Counts up with every list of this authority. [RFC5280-5.2.3] */
  readonly number: bigint;
  readonly thisUpdate: Date;
  /** After this moment the list is worth nothing. */
  readonly nextUpdate: Date;
  /** Serial numbers in upper-case hex, without leading zeros. */
  readonly revoked: ReadonlySet<string>;
  /** The same serial numbers, with when and why. */
  readonly entries: ReadonlyMap<string, RevokedSince>;
}

export interface RevokedSince {
  readonly at: Date;
  readonly reason: RevocationReason;
}

const CRL_NUMBER = '2.5.29.20';
const REASON_CODE = '2.5.29.21';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const EXTENSIONS_TAG = 0xa0;

/**
 * Reads a list and verifies that one of these authorities signed it. A list nobody signed, or somebody else, would revoke
 * whomever its author likes, or nobody.
 * @throws CertificateError when it cannot be read or is not signed by any of them
 */
export function readRevocationList(der: Buffer, authorities: readonly X509Certificate[]): CertificateRevocationList {
  const [body, , signature, ...more] = childrenOf(expectTag(readDer(der), TAG.sequence, 'revocation list'));
  if (body === undefined || more.length > 0) throw unreadable('a revocation list has three parts');
  // The first byte of a bit string counts the bits to leave out.
  const signed = expectTag(signature, TAG.bitString, 'signature').content.subarray(1);
  const authority = authorities.find(({ publicKey, ca }) => ca && verify('sha256', body.der, publicKey, signed));
  if (authority === undefined)
    throw new CertificateError('unreadable', 'the revocation list is not signed by this authority');
  return { authority, ...readBody(body) };
}

function readBody(body: DerValue): Omit<CertificateRevocationList, 'authority'> {
  const fields = childrenOf(expectTag(body, TAG.sequence, 'list body'));
  if (fields[0]?.tag === TAG.integer) fields.shift();
  const [, , thisUpdate, nextUpdate, ...rest] = fields;
  const list = rest.find(({ tag }) => tag !== EXTENSIONS_TAG);
  const entries = new Map(list === undefined ? [] : childrenOf(list).map(readEntry));
  return {
    number: readNumber(rest.find(({ tag }) => tag === EXTENSIONS_TAG)),
    thisUpdate: readTime(thisUpdate),
    nextUpdate: readTime(nextUpdate),
    revoked: new Set(entries.keys()),
    entries,
  };
}

function readEntry(entry: DerValue): [string, RevokedSince] {
  const [serial, at, extensions] = childrenOf(expectTag(entry, TAG.sequence, 'revoked certificate'));
  const why = readExtensions(extensions).get(REASON_CODE);
  const code = why === undefined ? undefined : expectTag(readDer(why), TAG.enumerated, 'reason').content[0];
  return [
    plainSerial(expectTag(serial, TAG.integer, 'serial number').content.toString('hex')),
    { at: readTime(at), reason: reasonOf(code) },
  ];
}

/** [RFC5280-5.2.3]: without its number nobody could tell a list from an older one that is played again. */
function readNumber(wrapper: DerValue | undefined): bigint {
  const [list] = wrapper === undefined ? [] : childrenOf(wrapper);
  const value = readExtensions(list).get(CRL_NUMBER);
  if (value === undefined) throw unreadable('the revocation list has no number');
  const hex = expectTag(readDer(value), TAG.integer, 'list number').content.toString('hex');
  return BigInt(`0x${hex || '0'}`);
}

/**
 * [RFC5280-5.2] [RFC5280-5.3]: a critical extension changes what the list means: it may speak of some certificates only, of
 * those of another authority, or of changes to another list. Whoever does not understand it must not use the list.
 */
function readExtensions(list: DerValue | undefined): ReadonlyMap<string, Buffer> {
  if (list === undefined) return new Map();
  return new Map(
    childrenOf(expectTag(list, TAG.sequence, 'list extensions')).map((extension) => {
      const [id, ...parts] = childrenOf(expectTag(extension, TAG.sequence, 'list extension'));
      const oid = readOid(id);
      if (parts[0]?.tag === TAG.boolean)
        throw unreadable(`the revocation list has an extension nobody here knows, ${oid}`);
      return [oid, expectTag(parts.at(-1), TAG.octetString, 'extension value').content] as const;
    }),
  );
}

/** One spelling of a serial number. */
export const plainSerial = (hex: string): string => hex.toUpperCase().replace(/^0+(?=.)/, '');

/** [RFC5280-4.1.2.5]: two digits of a year mean 1950 to 2049. */
export function readTime(value: DerValue | undefined): Date {
  const text = value?.content.toString('latin1') ?? '';
  const [, year = '', rest = ''] =
    (value?.tag === UTC_TIME ? /^(\d{2})(\d{10})Z$/.exec(text) : undefined) ??
    (value?.tag === GENERALIZED_TIME ? /^(\d{4})(\d{10})Z$/.exec(text) : undefined) ??
    [];
  if (rest === '') throw unreadable('a time is missing or of another form');
  const whole = year.length === 4 ? year : `${Number(year) < 50 ? '20' : '19'}${year}`;
  const [month, day, hour, minute, second] = rest.match(/\d{2}/g) ?? [];
  return new Date(`${whole}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

const unreadable = (detail: string): CertificateError => new CertificateError('unreadable', detail);
