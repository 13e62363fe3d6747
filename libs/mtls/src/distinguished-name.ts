import { attributeTypeOf } from './attribute-types.ts';
import { childrenOf, expectTag, readOid, TAG } from './der.ts';
import type { DerValue } from './der.ts';
import { CertificateError } from './certificate-error.ts';
import { textOf } from './directory-string.ts';

/** One attribute of a name, e.g. `2.5.4.3` (CN) with the text `tidepool`. */
export interface NameAttribute {
  /** Dotted object identifier. */
  readonly type: string;
  /** The value as text, or undefined when its ASN.1 type is not a readable string. */
  readonly text: string | undefined;
  /** The value as DER (tag, length, content) where it came from DER, or from the `#hex` form of a string. */
  readonly der: Buffer | undefined;
}
export type RelativeDistinguishedName = readonly NameAttribute[];
/** A name as structure, in the order of the DER (the reverse of the order RFC 4514 writes). */
export type DistinguishedName = readonly RelativeDistinguishedName[];

/** Reads a Name of a certificate. [RFC5280-4.1.2.4] */
export function readName(value: DerValue): DistinguishedName {
  return childrenOf(expectTag(value, TAG.sequence, 'name')).map(readRelativeName);
}

function readRelativeName(value: DerValue): RelativeDistinguishedName {
  const attributes = childrenOf(expectTag(value, TAG.set, 'relative name')).map(readAttribute);
  if (attributes.length > 0) return attributes;
  throw new CertificateError('unreadable', 'empty relative name');
}

function readAttribute(attribute: DerValue): NameAttribute {
  const [type, value, ...more] = childrenOf(expectTag(attribute, TAG.sequence, 'attribute'));
  if (value === undefined || more.length > 0) throw new CertificateError('unreadable', 'attribute of a name');
  return { type: readOid(type), text: textOf(value), der: value.der };
}

/**
 * Whether two names are the same name: same relative names in the same order, each with the same attributes in any
 * order. Known text attributes fold case and inner, leading and trailing spaces; everything else is compared exactly.
 * Nothing is searched inside a value, and an empty name is not the same as anything: it identifies nobody.
 * [RFC8705-2.1.2] [RFC4517-4.2.11]
 */
export function sameDn(a: DistinguishedName, b: DistinguishedName): boolean {
  return a.length > 0 && a.length === b.length && nameKey(a) === nameKey(b);
}

/** Equal keys, same name. JSON keeps the borders between values, whatever characters the values hold. */
export function nameKey(name: DistinguishedName): string {
  return JSON.stringify(name.map((relative) => relative.map(attributeKey).sort()));
}

function attributeKey(attribute: NameAttribute): string {
  const { type, text, der } = attribute;
  if (text === undefined) return JSON.stringify([type, 'der', der?.toString('hex')]);
  return JSON.stringify([type, 'text', attributeTypeOf(type) === undefined ? text : fold(text)]);
}

/**
 * caseIgnoreMatch, deliberately narrower than RFC 4518: no compatibility mapping, and no character from outside ASCII
 * ever becomes an ASCII letter. The Kelvin sign is not a `k` and a full-width `f` is not an `f`, so look-alikes stay apart.
 */
function fold(text: string): string {
  const spaced = text.replace(/ +/g, ' ').replace(/^ | $/g, '');
  return Array.from(spaced, foldCharacter).join('');
}

function foldCharacter(character: string): string {
  const lower = character.toLowerCase();
  const becomesAscii = !/\p{ASCII}/u.test(character) && /\p{ASCII}/u.test(lower);
  return becomesAscii ? character : lower;
}
