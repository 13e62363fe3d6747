import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DistinguishedNameError, formatDn, parseDn } from './rfc4514.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import { encodeTree } from './testing/der-tree.ts';
import { anyName, nameText } from './testing/names.ts';

/** The name that was read, or undefined where it was refused; nothing else may happen. */
function read(text: string): DistinguishedName | undefined {
  try {
    return parseDn(text);
  } catch (error) {
    expect(error).toBeInstanceOf(DistinguishedNameError);
    return undefined;
  }
}

/** The grammar of RFC 4514, section 3, written down here a second time. */
const GRAMMAR = (() => {
  const pair = String.raw`\\(?:[\\"+,;<>\x20#=]|[0-9A-Fa-f]{2})`;
  const lead = String.raw`[^\0\x20"#+,;<>\\]`;
  const inner = String.raw`[^\0"+,;<>\\]`;
  const trail = String.raw`[^\0\x20"+,;<>\\]`;
  const text = `(?:(?:${lead}|${pair})(?:(?:${inner}|${pair})*(?:${trail}|${pair}))?)?`;
  const number = '(?:0|[1-9][0-9]*)';
  const type = String.raw`(?:[A-Za-z][A-Za-z0-9-]*|${number}(?:\.${number})+)`;
  const attribute = `${type}=(?:#(?:[0-9A-Fa-f]{2})+|${text})`;
  const relative = String.raw`${attribute}(?:\+${attribute})*`;
  return new RegExp(`^${relative}(?:,${relative})*$`, 'u');
})();

/** Text near the notation: its own pieces, put together at random. */
const nearlyName = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'CN=O,+\\#"; <>20af/\0é'.split('')),
      fc.constantFrom(
        '2.5.4.3',
        'CN=',
        'cn=x',
        ',O=',
        '+OU=',
        '\\2C',
        '\\C3\\A9',
        '\\ ',
        '#0c0161',
        '\u{1f510}',
        '0.9=',
      ),
      nameText,
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

/** Text of the grammar, which the pieces above seldom come to by chance. */
const wellFormed = anyName.map(formatDn);
const anyText = fc.oneof(
  nearlyName,
  wellFormed,
  fc.tuple(wellFormed, nearlyName).map((two) => two.join(',')),
);

describe('a distinguished name as text [RFC4514-3]', () => {
  it('is refused or belongs to the grammar', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (read(text) !== undefined) expect(text).toMatch(GRAMMAR);
      }),
    );
  });

  it('is read when it belongs to the grammar, but for what is refused on purpose', () => {
    // A NUL, a type without a number, bytes that are not UTF-8 or no DER, the notations of OpenSSL.
    const onPurpose = /NUL|is not a known attribute type|UTF-8|one DER value|OpenSSL|well-formed/;
    fc.assert(
      fc.property(
        anyText.filter((text) => GRAMMAR.test(text)),
        (text) => {
          try {
            parseDn(text);
          } catch (error) {
            expect((error as Error).message).toMatch(onPurpose);
          }
        },
      ),
    );
  });

  it('is the same name after writing and reading, to the letter', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(parseDn(formatDn(name))).toEqual(name);
      }),
    );
  });

  it('has one way to be written: what was read is written and read again as the same', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = read(text);
        fc.pre(name !== undefined);
        const written = formatDn(name);
        expect(formatDn(parseDn(written))).toBe(written);
      }),
    );
  });

  it('keeps values that are no text through writing and reading', () => {
    const value = fc.tuple(fc.constantFrom(0x01, 0x02, 0x05, 0x14), fc.uint8Array({ minLength: 1, maxLength: 20 }));
    fc.assert(
      fc.property(value, ([tag, content]) => {
        const der = encodeTree({ tag, content: Buffer.from(content) });
        const name = [[{ type: '1.2.3.4', text: undefined, der }]];
        expect(parseDn(formatDn(name))).toEqual(name);
      }),
    );
  });

  it('is refused with a NUL in a value, however it is written', () => {
    const nul = fc.constantFrom('\0', String.raw`\00`);
    fc.assert(
      fc.property(nameText, nul, nameText, (before, written, after) => {
        const [left, right] = [before, after].map((text) => formatDn([[{ type: '2.5.4.3', text, der: undefined }]]));
        expect(() => parseDn(`${left}${written}${right?.slice('CN='.length)}`)).toThrow(DistinguishedNameError);
      }),
    );
  });

  it('takes no more than its time', () => {
    const unit = fc.string({
      unit: fc.constantFrom(...'CN=O,+\\#"; a2.é'.split(''), 'CN=a,', '\\2C', '\\ '),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.constantFrom('', 'CN=', 'CN=a'),
        unit,
        fc.constantFrom('', 'x', '=', ' ', '\\'),
        (start, part, end) => {
          const name = read(start + part.repeat(20_000) + end);
          if (name !== undefined) formatDn(name);
        },
      ),
      { numRuns: 20 },
    );
  });
});
