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

/** `[number] IMPLICIT` over a primitive value. */
export function implicit(number: number, content: Buffer): Asn1 {
  return primitive(Class.CONTEXT_SPECIFIC, number, content);
}

export function oid(dotted: string): Asn1 {
  return asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

export function integer(value: number | Buffer): Asn1 {
  const bytes = typeof value === 'number' ? asn1.integerToDer(value).getBytes() : value.toString('latin1');
  return asn1.create(Class.UNIVERSAL, Type.INTEGER, false, bytes);
}

export function boolean(value: boolean): Asn1 {
  return primitive(Class.UNIVERSAL, Type.BOOLEAN, Buffer.of(value ? 0xff : 0x00));
}

export function octets(content: Buffer): Asn1 {
  return primitive(Class.UNIVERSAL, Type.OCTETSTRING, content);
}

export function nothing(): Asn1 {
  return primitive(Class.UNIVERSAL, Type.NULL, Buffer.alloc(0));
}

/** A bit string; `unused` bits at the end of the last byte do not count. */
export function bits(content: Buffer, unused = 0): Asn1 {
  return primitive(Class.UNIVERSAL, Type.BITSTRING, Buffer.concat([Buffer.of(unused), content]));
}

export function text(type: 'utf8' | 'printable' | 'ia5' | 'bmp', value: string): Asn1 {
  switch (type) {
    case 'utf8':
      return primitive(Class.UNIVERSAL, Type.UTF8, Buffer.from(value, 'utf8'));
    case 'printable':
      return primitive(Class.UNIVERSAL, Type.PRINTABLESTRING, Buffer.from(value, 'latin1'));
    case 'ia5':
      return primitive(Class.UNIVERSAL, Type.IA5STRING, Buffer.from(value, 'latin1'));
    case 'bmp':
      return primitive(Class.UNIVERSAL, Type.BMPSTRING, Buffer.from(value, 'utf16le').swap16());
  }
}

/** UTCTime until 2049, GeneralizedTime after. [RFC5280-4.1.2.5] */
export function time(date: Date): Asn1 {
  const early = date.getUTCFullYear() < 2050;
  const type = early ? Type.UTCTIME : Type.GENERALIZEDTIME;
  return asn1.create(Class.UNIVERSAL, type, false, early ? asn1.dateToUtcTime(date) : asn1.dateToGeneralizedTime(date));
}

/** A finished DER value as a part of a greater one, byte for byte. */
export function raw(der: Buffer): Asn1 {
  const { tag, content } = readDer(der);
  return primitive(tag & 0xc0, tag & 0x3f, content);
}

export function toDer(value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}

function primitive(tagClass: number, type: number, content: Buffer): Asn1 {
  return asn1.create(tagClass, type, false, content.toString('latin1'));
}

function present(items: (Asn1 | undefined)[]): Asn1[] {
  return items.filter((item) => item !== undefined);
}
