import { CertificateError } from './certificate-error.ts';

/** Identifier octets (class, constructed bit and tag number in one byte) that a certificate is made of. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One DER value: its identifier octet, its content, and the whole of it as it stood. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  readonly der: Buffer;
}

/**
 * Reads exactly one DER value. Bytes left over are refused: two readers that disagree about where a certificate
 * ends are how one party is shown a name that the other never checked.
 */
export function readDer(bytes: Buffer): DerValue {
  const value = readAt(bytes, 0);
  if (value.der.length !== bytes.length) throw unreadable('bytes after the end of the value');
  return value;
}

/** The values inside a constructed one, in order. */
export function childrenOf(value: DerValue): DerValue[] {
  if ((value.tag & 0x20) === 0) throw unreadable('a constructed value was expected');
  const children: DerValue[] = [];
  for (let at = 0; at < value.content.length;) {
    const child = readAt(value.content, at);
    children.push(child);
    at += child.der.length;
  }
  return children;
}

/** The value itself when it carries the tag, else a refusal. */
export function expectTag(value: DerValue | undefined, tag: number, what: string): DerValue {
  if (value?.tag === tag) return value;
  throw unreadable(`${what} is missing or of another type`);
}

/** The bytes of a bit string that ends with a whole byte, as signatures and keys do. */
export function readWholeBits(value: DerValue | undefined, what: string): Buffer {
  const { content } = expectTag(value, TAG.bitString, what);
  if (content[0] !== 0) throw unreadable(`${what} does not end with a whole byte`);
  return content.subarray(1);
}

/**
 * Bytes of an object identifier. Our choice, no clause: one in use has a dozen, one made of a UUID has twenty. Arithmetic with an
 * arc grows with the square of its length, and anybody may send a certificate: one arc of 100 KB would hold the process for seconds.
 */
const LONGEST_OID = 128;

/** Dotted form of an object identifier. */
export function readOid(value: DerValue | undefined): string {
  const { content } = expectTag(value, TAG.oid, 'object identifier');
  if (content.length > LONGEST_OID) throw unreadable('object identifier too long');
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const byte of content) {
    if (fresh && byte === 0x80) throw unreadable('object identifier with a padded arc');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    fresh = (byte & 0x80) === 0;
    if (!fresh) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first, ...rest] = arcs;
  if (first === undefined || !fresh) throw unreadable('object identifier cut short');
  const root = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

function readAt(bytes: Buffer, start: number): DerValue {
  const tag = byteAt(bytes, start);
  // Tag numbers above 30 take several bytes; nothing in a certificate needs them.
  if ((tag & 0x1f) === 0x1f) throw unreadable('multi-byte tag');
  const { length, size } = readLength(bytes, start + 1);
  const from = start + 1 + size;
  const to = from + length;
  if (to > bytes.length) throw unreadable('cut short');
  return { tag, content: bytes.subarray(from, to), der: bytes.subarray(start, to) };
}

/** Definite and minimal only: every other spelling of a length is BER, and BER lets two parsers disagree. */
function readLength(bytes: Buffer, at: number): { length: number; size: number } {
  const first = byteAt(bytes, at);
  if (first < 0x80) return { length: first, size: 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw unreadable('indefinite or oversized length');
  let length = 0;
  for (let i = 1; i <= count; i++) length = length * 256 + byteAt(bytes, at + i);
  if (length < 0x80 || byteAt(bytes, at + 1) === 0) throw unreadable('length not in its shortest form');
  return { length, size: 1 + count };
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw unreadable('cut short');
  return byte;
}

function unreadable(detail: string): CertificateError {
  return new CertificateError('unreadable', detail);
}
