import { CertificateError } from './certificate-error.ts';
import type { DerValue } from './der.ts';

/** String types of X.520 whose bytes have one meaning. TeletexString is not among them: its character set is anybody's guess. */
const STRING_TAG = { utf8: 0x0c, numeric: 0x12, printable: 0x13, ia5: 0x16, visible: 0x1a, universal: 0x1c, bmp: 0x1e };

/** The text of a string value, or undefined for a type that is not a readable string. Wrong bytes for the type are refused. */
export function textOf(value: DerValue): string | undefined {
  switch (value.tag) {
    case STRING_TAG.utf8:
      return decode(value.content, 'utf-8');
    case STRING_TAG.numeric:
    case STRING_TAG.printable:
    case STRING_TAG.ia5:
    case STRING_TAG.visible:
      return ascii(value.content);
    case STRING_TAG.bmp:
      return decode(value.content, 'utf-16be');
    case STRING_TAG.universal:
      return utf32(value.content);
    default:
      return undefined;
  }
}

/** ASCII only: a byte above 0x7f in an IA5String is read differently by every library. */
export function ascii(bytes: Buffer): string {
  if (bytes.some((byte) => byte > 0x7f)) throw new CertificateError('unreadable', 'a byte outside ASCII');
  return bytes.toString('latin1');
}

function decode(bytes: Buffer, encoding: 'utf-8' | 'utf-16be'): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CertificateError('unreadable', `text is not ${encoding}`, { cause });
  }
}

function utf32(bytes: Buffer): string {
  if (bytes.length % 4 !== 0) throw new CertificateError('unreadable', 'text is not utf-32');
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = bytes.readUInt32BE(at);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      throw new CertificateError('unreadable', 'text is not utf-32');
    }
    text += String.fromCodePoint(point);
  }
  return text;
}
