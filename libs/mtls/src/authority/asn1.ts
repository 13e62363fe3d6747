import forge from 'node-forge';
import { readDer } from '../der.ts';

// forge builds and never parses: what is already DER (keys, names, algorithm identifiers of node:crypto) goes in as it is.

const { asn1 } = forge;
const { Class, Type } = asn1;

/** A value under construction. */
export type Asn1 = forge.asn1.Asn1;

export function sequence(...items: (Asn1 | undefined)[]): Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, present(items));
}

export function set(...items: Asn1[]): Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.SET, true, items);
}

/** `[number] EXPLICIT`. */
export function explicit(number: number, ...items: Asn1[]): Asn1 {
  return asn1.create(Class.CONTEXT_SPECIFIC, number, true, items);
}

/** `[number] IMPLICIT` over a constructed value: its parts, under another tag. */
export const implicitConstructed = explicit;

/** `[number] IMPLICIT` over a primitive value. */
export function implicit(number: number, content: Buffer): Asn1 {
  return primitive(Class.CONTEXT_SPECIFIC | number, content);
}

export function oid(dotted: string): Asn1 {
  return primitive(Type.OID, Buffer.from(asn1.oidToDer(dotted).getBytes(), 'latin1'));
}

/** A number, or bytes as a positive number: the leading zero that keeps it positive is added where it is needed. */
export function integer(value: number | Buffer): Asn1 {
  if (typeof value === 'number')
    return primitive(Type.INTEGER, Buffer.from(asn1.integerToDer(value).getBytes(), 'latin1'));
  return primitive(Type.INTEGER, (value[0] ?? 0) < 0x80 ? value : Buffer.concat([Buffer.of(0), value]));
}

/** A positive number of any size, in hex, leading zeros or not. */
export function hexInteger(hex: string): Asn1 {
  const digits = hex.replace(/^0+(?=.)/, '');
  return integer(Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex'));
}

export function boolean(value: boolean): Asn1 {
  return primitive(Type.BOOLEAN, Buffer.of(value ? 0xff : 0x00));
}

export function octets(content: Buffer): Asn1 {
  return primitive(Type.OCTETSTRING, content);
}

export function nothing(): Asn1 {
  return primitive(Type.NULL, Buffer.alloc(0));
}

/** A bit string; `unused` bits at the end of the last byte do not count. */
export function bits(content: Buffer, unused = 0): Asn1 {
  return primitive(Type.BITSTRING, Buffer.concat([Buffer.of(unused), content]));
}

export function text(type: 'utf8' | 'printable' | 'ia5' | 'bmp', value: string): Asn1 {
  switch (type) {
    case 'utf8':
      return primitive(Type.UTF8, Buffer.from(value, 'utf8'));
    case 'printable':
      return primitive(Type.PRINTABLESTRING, asciiBytes(value));
    case 'ia5':
      return primitive(Type.IA5STRING, asciiBytes(value));
    case 'bmp':
      return primitive(Type.BMPSTRING, Buffer.from(value, 'utf16le').swap16());
  }
}

/** One byte per character would make an `A` of a Polish `Ł`: another name than the one asked for. */
function asciiBytes(value: string): Buffer {
  if (/\P{ASCII}/u.test(value)) throw new TypeError(`"${value}" cannot be written in ASCII`);
  return Buffer.from(value, 'latin1');
}

/** UTCTime until 2049, GeneralizedTime after. [RFC5280-4.1.2.5] */
export function time(date: Date): Asn1 {
  const early = date.getUTCFullYear() < 2050;
  const written = early ? asn1.dateToUtcTime(date) : asn1.dateToGeneralizedTime(date);
  return primitive(early ? Type.UTCTIME : Type.GENERALIZEDTIME, Buffer.from(written, 'latin1'));
}

/** GeneralizedTime for every year, as OCSP writes it. [RFC6960-4.2.2.1] */
export function generalizedTime(date: Date): Asn1 {
  return primitive(Type.GENERALIZEDTIME, Buffer.from(asn1.dateToGeneralizedTime(date), 'latin1'));
}

export function enumerated(value: number): Asn1 {
  return primitive(Type.ENUMERATED, Buffer.of(value));
}

/** A finished DER value as a part of a greater one, byte for byte. */
export function raw(der: Buffer): Asn1 {
  const { tag, content } = readDer(der);
  return primitive(tag, content);
}

export function toDer(value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}

/**
 * The whole identifier octet goes in as the class: by the type number alone, in whatever class, forge would re-encode
 * BMP strings and drop leading zeros of integers, and our bytes are final.
 */
function primitive(identifier: number, content: Buffer): Asn1 {
  return asn1.create(identifier, Type.NONE, false, content.toString('latin1'));
}

function present(items: (Asn1 | undefined)[]): Asn1[] {
  return items.filter((item) => item !== undefined);
}
