import forge from 'node-forge';

/** Short names for the DER pieces a certificate is made of. Only for building: what a peer sent is judged by OpenSSL. */
export type Der = forge.asn1.Asn1;

const { asn1 } = forge;
const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;
const { SEQUENCE, SET, OID, INTEGER, BOOLEAN, BITSTRING, OCTETSTRING, UTF8, UTCTIME } = asn1.Type;

export const sequence = (...parts: Der[]): Der => asn1.create(UNIVERSAL, SEQUENCE, true, parts);
export const set = (...parts: Der[]): Der => asn1.create(UNIVERSAL, SET, true, parts);
export const oid = (dotted: string): Der => primitive(OID, asn1.oidToDer(dotted).getBytes());
export const yes = (): Der => primitive(BOOLEAN, '\xff');
export const utf8 = (text: string): Der => primitive(UTF8, binary(Buffer.from(text, 'utf8')));
export const utcTime = (time: Date): Der => primitive(UTCTIME, asn1.dateToUtcTime(time));
export const integer = (bytes: Uint8Array): Der => primitive(INTEGER, binary(bytes));
export const octets = (content: Der | Uint8Array): Der =>
  primitive(OCTETSTRING, content instanceof Uint8Array ? binary(content) : binary(encode(content)));
/** A bit string of whole octets, such as a signature. */
export const bits = (bytes: Uint8Array, unused = 0): Der =>
  primitive(BITSTRING, String.fromCharCode(unused) + binary(bytes));
/** `[n]` around other elements. */
export const tagged = (n: number, ...parts: Der[]): Der => asn1.create(CONTEXT_SPECIFIC, n, true, parts);
/** `[n]` with bytes in it, as in a subject alternative name. */
export const taggedBytes = (n: number, bytes: Uint8Array): Der =>
  asn1.create(CONTEXT_SPECIFIC, n, false, binary(bytes));

export const encode = (der: Der): Buffer => Buffer.from(asn1.toDer(der).getBytes(), 'binary');
export const decode = (bytes: Uint8Array): Der => asn1.fromDer(forge.util.createBuffer(binary(bytes)));
/** Is this `[n]`? */
export const isTagged = (der: Der, n: number): boolean =>
  der.tagClass === CONTEXT_SPECIFIC && (der.type as number) === n;
/** The bytes of a primitive element, or `undefined` for a constructed or absent one. */
export const content = (der: Der | undefined): Buffer | undefined =>
  typeof der?.value === 'string' ? Buffer.from(der.value, 'binary') : undefined;
/** The elements inside a constructed element; throws on anything else. */
export function parts(der: Der | undefined): Der[] {
  if (der === undefined || !Array.isArray(der.value)) throw new Error('not a constructed DER element');
  return der.value;
}

function primitive(type: forge.asn1.Type, bytes: string): Der {
  return asn1.create(UNIVERSAL, type, false, bytes);
}

function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('binary');
}
