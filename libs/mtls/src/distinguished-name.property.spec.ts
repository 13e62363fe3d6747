import { execFileSync } from 'node:child_process';
import type { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDer } from './authority/asn1.ts';
import { encodeName } from './authority/name-encoding.ts';
import { readDer } from './der.ts';
import { readName, sameDn } from './distinguished-name.ts';
import type { DistinguishedName, NameAttribute, RelativeDistinguishedName } from './distinguished-name.ts';
import { parseDn } from './rfc4514.ts';
import { throwAwayPki } from './testing/index.ts';
import { anyName, asciiName, edited, respelled } from './testing/names.ts';

const pki = throwAwayPki();
const pair = fc.oneof(
  fc.tuple(anyName, anyName),
  fc.tuple(asciiName, asciiName),
  asciiName.chain(edited),
  anyName.chain(edited),
);

describe('comparing distinguished names [RFC8705-2.1.2]', () => {
  it('finds a name the same as itself, however it is spelt', () => {
    fc.assert(
      fc.property(
        anyName.chain((name) => fc.tuple(fc.constant(name), respelled(name))),
        ([name, other]) => {
          expect(sameDn(name, name)).toBe(true);
          expect(sameDn(name, other)).toBe(true);
        },
      ),
    );
  });

  it('does not care which of two names comes first', () => {
    fc.assert(
      fc.property(pair, ([one, other]) => {
        expect(sameDn(one, other)).toBe(sameDn(other, one));
      }),
    );
  });

  it('finds two names the same that are the same as a third', () => {
    const three = pair.chain(([one, other]) => fc.tuple(fc.constant(one), fc.constant(other), respelled(other)));
    fc.assert(
      fc.property(three, ([one, other, third]) => {
        expect(sameDn(one, third)).toBe(sameDn(one, other));
      }),
    );
  });

  it('agrees in ASCII with a comparison part by part that is written down here', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          asciiName.chain(edited),
          asciiName.chain((a) => fc.tuple(fc.constant(a), respelled(a))),
        ),
        ([one, other]) => {
          expect(sameDn(one, other)).toBe(sameByParts(one, other));
        },
      ),
    );
  });

  it('finds a name whose parts stand the other way round the same only when they read alike both ways', () => {
    fc.assert(
      fc.property(asciiName, (name) => {
        const backwards = name.toReversed();
        expect(sameDn(name, backwards)).toBe(sameByParts(name, backwards));
      }),
    );
  });
});

/** RFC4517-4.2.11 for ASCII: the same relative names in the same order, each with the same attributes in any order. */
function sameByParts(one: DistinguishedName, other: DistinguishedName): boolean {
  return one.length === other.length && one.every((part, at) => sameSet(part, other[at]!));
}

function sameSet(one: RelativeDistinguishedName, other: RelativeDistinguishedName): boolean {
  const left = [...other];
  return (
    one.length === other.length &&
    one.every((attribute) => {
      const at = left.findIndex((candidate) => sameAttribute(attribute, candidate));
      return at >= 0 && left.splice(at, 1).length === 1;
    })
  );
}

function sameAttribute(one: NameAttribute, other: NameAttribute): boolean {
  const folded = (text = ''): string => text.split(' ').filter(Boolean).join(' ').toLowerCase();
  if (one.type !== other.type) return false;
  return one.type === '1.2.3.4' ? one.text === other.text : folded(one.text) === folded(other.text);
}

const KEY = pki.mint().key;

/** Names but for those with a value of `#` alone, which OpenSSL prints without the backslash it needs. */
const printable = anyName.filter((name) => !name.flat().some(({ text }) => text === '#'));

describe('a distinguished name in a certificate [RFC5280-4.1.2.4]', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const read = readName(readDer(toDer(encodeName(name))));
        expect(read.map((part) => part.map(({ type, text }) => ({ type, text })))).toEqual(
          name.map((part) => part.map(({ type, text }) => ({ type, text }))),
        );
      }),
    );
  });

  it('is read as OpenSSL reads it', () => {
    fc.assert(
      fc.property(printable, (name) => {
        const { certificate } = pki.mint({ subject: name, key: KEY });
        expect(sameDn(parseDn(subjectByOpenSsl(certificate)), name)).toBe(true);
      }),
    );
  });

  it('is read back from what the command in our hints prints', () => {
    fc.assert(
      fc.property(printable, (name) => {
        const { certificate } = pki.mint({ subject: name, key: KEY });
        const args = ['x509', '-inform', 'DER', '-noout', '-subject', '-nameopt', 'RFC2253'];
        const printed = execFileSync('openssl', args, { input: certificate.raw }).toString();
        expect(sameDn(parseDn(printed.replace(/^subject=|\n$/g, '')), name)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
});

/** What Node prints of a subject: one relative name per line in the order of the DER, in the escapes of RFC 2253. */
const subjectByOpenSsl = ({ subject }: X509Certificate): string =>
  subject
    .split('\n')
    .map((line) => line.replaceAll(' + ', '+'))
    .reverse()
    .join(',');
