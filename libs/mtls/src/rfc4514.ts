import { attributeTypeNamed, attributeTypeOf } from './attribute-types.ts';
import { CertificateError } from './certificate-error.ts';
import { readDer } from './der.ts';
import { textOf } from './directory-string.ts';
import type { DistinguishedName, NameAttribute } from './distinguished-name.ts';

/** Text that is not a distinguished name as RFC 4514 writes one; the message says what to write instead. */
export class DistinguishedNameError extends Error {
  override readonly name = 'DistinguishedNameError';
}

/** Writes a name as RFC 4514 does: last relative name first, comma between them, plus inside them. [RFC4514-2] */
export function formatDn(dn: DistinguishedName): string {
  return dn
    .map((relative) => relative.map(formatAttribute).join('+'))
    .reverse()
    .join(',');
}

function formatAttribute({ type, text, der }: NameAttribute): string {
  const known = attributeTypeOf(type);
  if (text !== undefined && (known !== undefined || der === undefined)) return `${known?.name ?? type}=${escape(text)}`;
  return `${known?.name ?? type}=#${der?.toString('hex') ?? ''}`;
}

function escape(text: string): string {
  return text
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replace(/\p{Cc}/gu, (control) => Buffer.from(control).toString('hex').replace(/../g, '\\$&'))
    .replace(/^[ #]| $/g, '\\$&');
}

/**
 * Reads a name written as RFC 4514 says, e.g. `CN=tidepool,O=Tidepool`; the answer is in the order of the DER.
 * The forms `openssl x509 -subject` prints are refused with a hint and not guessed at: they list the parts the other
 * way round, and a registration that means another name than the one it shows is worse than none.
 * @throws DistinguishedNameError
 */
export function parseDn(text: string): DistinguishedName {
  refuseOtherForms(text);
  return splitUnescaped(text, ',')
    .map((relative) => splitUnescaped(relative, '+').map(parseAttribute))
    .reverse();
}

const HINT = 'print the name with: openssl x509 -noout -subject -nameopt RFC2253';

function refuseOtherForms(text: string): void {
  if (text.trim() === '') throw new DistinguishedNameError('the name is empty; it would identify nobody');
  if (!text.isWellFormed()) throw new DistinguishedNameError('the name is not well-formed Unicode');
  if (text.startsWith('/')) {
    throw new DistinguishedNameError(`this is the slash form of OpenSSL, not RFC 4514; ${HINT}`);
  }
  if (/^\s*[\w.-]+\s+=|(?<!\\)[,+]\s+[\w.-]+\s*=/.test(text)) {
    throw new DistinguishedNameError(
      `this is the one-line form of OpenSSL (spaces around = or ,), not RFC 4514; ${HINT}`,
    );
  }
}

function splitUnescaped(text: string, separator: ',' | '+'): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === separator) {
      parts.push(part);
      part = '';
    } else {
      // A backslash carries the next character with it, so an escaped separator stays inside its value.
      part += character === '\\' ? character + (text[++at] ?? '') : character;
    }
  }
  return [...parts, part];
}

function parseAttribute(text: string): NameAttribute {
  const equals = text.indexOf('=');
  if (equals < 1) throw new DistinguishedNameError(`"${text}" is not type=value`);
  const type = parseType(text.slice(0, equals));
  const value = text.slice(equals + 1);
  return value.startsWith('#')
    ? parseHexValue(type, value.slice(1))
    : { type, text: parseValue(value), der: undefined };
}

function parseType(text: string): string {
  if (/^[0-2](\.(0|[1-9]\d*))+$/.test(text)) return text;
  const known = attributeTypeNamed(text);
  if (known !== undefined) return known.oid;
  throw new DistinguishedNameError(`"${text}" is not a known attribute type; write its dotted object identifier`);
}

function parseHexValue(type: string, hex: string): NameAttribute {
  if (!/^([0-9A-Fa-f]{2})+$/.test(hex)) throw new DistinguishedNameError('after # come pairs of hex digits');
  try {
    const value = readDer(Buffer.from(hex, 'hex'));
    return { type, text: textOf(value), der: value.der };
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    throw new DistinguishedNameError('the bytes after # are not one DER value', { cause });
  }
}

/** One unit of a value: an escaped special character, an escaped byte, or a character that needs no escape. */
const UNIT = /\\([ "#+,;<=>\\])|\\([0-9A-Fa-f]{2})|([^"+,;<>\\])/guy;

function parseValue(text: string): string {
  if (/^ /.test(text) || /(^|[^\\])(\\\\)* $/.test(text)) {
    throw new DistinguishedNameError(`a space at the border of the value "${text}" needs a backslash`);
  }
  const units = Array.from(text.matchAll(UNIT));
  const taken = units.reduce((sum, [unit]) => sum + unit.length, 0);
  if (taken !== text.length) throw new DistinguishedNameError(`"${text.slice(taken)}" needs an escape of RFC 4514`);
  const bytes = Buffer.concat(
    units.map(([, special, hex, plain]) => (hex ? Buffer.from(hex, 'hex') : Buffer.from(special ?? plain ?? ''))),
  );
  return decodeValue(bytes);
}

function decodeValue(bytes: Buffer): string {
  if (bytes.includes(0)) throw new DistinguishedNameError('a NUL in a name cuts it short in some readers');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new DistinguishedNameError('the value is not UTF-8', { cause });
  }
}
