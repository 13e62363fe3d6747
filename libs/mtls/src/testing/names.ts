import fc from 'fast-check';
import type { DistinguishedName, NameAttribute, RelativeDistinguishedName } from '../distinguished-name.ts';
import { encodeOid, encodeTree } from './der-tree.ts';

/** Types that compare without regard to case. */
const KNOWN_TYPES = ['2.5.4.3', '2.5.4.10', '2.5.4.11', '2.5.4.42', '2.5.4.97'];
/** A type nobody knows: its values compare exactly. */
const UNKNOWN_TYPE = '1.2.3.4';

// The characters of the notation, and those that change their case in odd ways.
const ODD = ',+"\\<>;=# abAB\n\r\t\u007f\u0085éÉß\u212a\u0130\u03a3\u03c2\u200b\ufeff\u{1f510}';

/** Text of every kind, odd characters more often than others; never a NUL. */
export const nameText: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...Array.from(ODD)), maxLength: 8 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.nat(0x10ffff).map((point) => String.fromCodePoint(point)), maxLength: 6 }),
  )
  .filter((text) => text.isWellFormed() && !text.includes('\0'));

const nameOf = (text: fc.Arbitrary<string>, parts: number): fc.Arbitrary<DistinguishedName> => {
  const type = fc.constantFrom(...KNOWN_TYPES, UNKNOWN_TYPE);
  const attribute = fc.record({ type, text, der: fc.constant(undefined) });
  const several = (maxLength: number) => ({ minLength: 1, maxLength });
  return fc.array(fc.array(attribute, several(parts)), several(parts));
};

/** A name of up to four parts of up to four attributes, as text. */
export const anyName: fc.Arbitrary<DistinguishedName> = nameOf(nameText, 4);

/** A name of few letters, so that two of them are often alike. */
export const asciiName: fc.Arbitrary<DistinguishedName> = nameOf(
  fc.string({ unit: fc.constantFrom(...'aA b,'.split('')), maxLength: 3 }),
  2,
);

/** The name in another spelling: attributes in another order, letters in another case, spaces, another type of string. */
export function respelled(name: DistinguishedName): fc.Arbitrary<DistinguishedName> {
  const parts = name.map((part) => {
    const attributes = part.map((attribute) => spelling.map((respell) => respell(attribute)));
    return fc.tuple(fc.tuple(...attributes), fc.shuffledSubarray([...part.keys()], { minLength: part.length }));
  });
  return fc.tuple(...parts).map((all) => all.map(([attributes, order]) => order.map((at) => attributes[at]!)));
}

/** The DER of a name that was read from DER: its own values, types and borders written here. */
export function nameDer(name: DistinguishedName): Buffer {
  const constructed = (tag: number, parts: readonly Buffer[]): Buffer =>
    encodeTree({ tag, content: Buffer.concat(parts) });
  const attributeDer = ({ type, der = Buffer.alloc(0) }: NameAttribute): Buffer =>
    constructed(0x30, [encodeTree(encodeOid(type.split('.').map(BigInt))), der]);
  return constructed(
    0x30,
    name.map((part) => constructed(0x31, part.map(attributeDer))),
  );
}

type Respell = (attribute: NameAttribute) => NameAttribute;

const folding =
  (change: (text: string) => string): Respell =>
  (attribute) =>
    attribute.type === UNKNOWN_TYPE ? attribute : { ...attribute, text: change(attribute.text ?? '') };

const spelling = fc.constantFrom<Respell>(
  (attribute) => attribute,
  folding((text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())),
  folding((text) => ` ${text.replaceAll(' ', '   ')}  `),
  (attribute) => ({ ...attribute, der: encodeTree({ tag: 0x0c, content: Buffer.from(attribute.text ?? '') }) }),
);

/** A name, and the name after somebody has changed a little of it. */
export function edited(name: DistinguishedName): fc.Arbitrary<[DistinguishedName, DistinguishedName]> {
  return fc.tuple(fc.nat(), fc.nat(), edit).map(([which, inner, change]) => {
    const at = which % name.length;
    return [name, name.flatMap((part, index) => (index === at ? change(part, inner % part.length) : [part]))];
  });
}

type Edit = (part: RelativeDistinguishedName, at: number) => readonly RelativeDistinguishedName[];

const withText =
  (change: (text: string) => string): Edit =>
  (part, at) => [
    part.map((attribute, index) => (index === at ? { ...attribute, text: change(attribute.text ?? '') } : attribute)),
  ];

const edit = fc.constantFrom<Edit>(
  (part) => [part, part],
  (part) => part.map((attribute) => [attribute]),
  (part, at) => [[...part, part[at]!]],
  (part, at) => [part.map((attribute, index) => (index === at ? { ...attribute, type: UNKNOWN_TYPE } : attribute))],
  withText((text) => `${text}a`),
  withText((text) => text.slice(1)),
  withText((text) => `${text} `),
  withText((text) => text.toUpperCase()),
  withText((text) => text.replaceAll(',', ',CN=')),
);
