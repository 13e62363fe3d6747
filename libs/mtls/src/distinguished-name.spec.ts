import { describe, expect, it } from 'vitest';
import type { DistinguishedName } from './distinguished-name.ts';
import { sameDn } from './distinguished-name.ts';
import { parsePeerCertificate } from './peer-certificate.ts';
import { parseDn } from './rfc4514.ts';
import { throwAwayPki } from './testing/index.ts';

const pki = throwAwayPki();
const registered = parseDn(String.raw`CN=tidepool,O=Acme\, Inc.`);

/** The subject after a round through a real certificate. */
function subjectInCertificate(subject: string | DistinguishedName): DistinguishedName {
  return parsePeerCertificate(pki.mint({ subject }).certificate.raw).subject;
}

function attribute(type: string, text: string, der?: Buffer): DistinguishedName[number] {
  return [{ type, text, der }];
}
const CN = '2.5.4.3';
const O = '2.5.4.10';
const organisation = attribute(O, 'Acme, Inc.');

describe('comparing distinguished names [RFC8705-2.1.2]', () => {
  it.each<[string, string | DistinguishedName]>([
    ['the same parts in reverse order', String.raw`O=Acme\, Inc.,CN=tidepool`],
    ['a second common name', String.raw`CN=tidepool,CN=mallory,O=Acme\, Inc.`],
    ['a second common name in the same part', String.raw`CN=tidepool+CN=mallory,O=Acme\, Inc.`],
    ['one part more', String.raw`CN=tidepool,OU=x,O=Acme\, Inc.`],
    ['one part less', 'CN=tidepool'],
    ['the name as prefix', String.raw`CN=tidepool-evil,O=Acme\, Inc.`],
    ['the name as suffix', String.raw`CN=evil-tidepool,O=Acme\, Inc.`],
    ['a separator inside a value', [attribute(O, 'Acme, Inc.,CN=tidepool')]],
    [
      'a line break and a second name inside a value',
      [attribute(O, 'Acme, Inc.\nCN=tidepool'), attribute(CN, 'mallory')],
    ],
    ['a value cut by NUL', [organisation, attribute(CN, 'tidepool\0.evil.test')]],
    ['a look-alike letter of another alphabet', [organisation, attribute(CN, 'tidepооl')]],
    ['full-width letters', [organisation, attribute(CN, 'ｔｉｄｅｐｏｏｌ')]],
    ['a zero-width character', [organisation, attribute(CN, 'tide\u200bpool')]],
    ['another attribute type with the value', [organisation, attribute('2.5.4.11', 'tidepool')]],
    ['a Teletex string', [organisation, attribute(CN, '', Buffer.from('\x14\x08tidepool', 'latin1'))]],
    ['both attributes in one part', String.raw`CN=tidepool+O=Acme\, Inc.`],
  ])('tells apart: %s [TOK-07]', (_, other) => {
    expect(sameDn(subjectInCertificate(other), registered)).toBe(false);
  });

  it('takes no empty name for the same as another empty name', () => {
    expect(sameDn([], [])).toBe(false);
  });

  it('does not let the Kelvin sign become a k, nor a dotted capital I an i', () => {
    expect(sameDn([attribute(CN, '\u212a')], [attribute(CN, 'k')])).toBe(false);
    expect(sameDn([attribute(CN, '\u0130')], [attribute(CN, 'i\u0307')])).toBe(false);
  });

  it('compares values of unknown types exactly', () => {
    expect(sameDn([attribute('1.2.3.4', 'a')], [attribute('1.2.3.4', 'A')])).toBe(false);
    expect(sameDn(parseDn('1.2.3.4=#0500'), parseDn('1.2.3.4=#0c00'))).toBe(false);
    expect(sameDn(parseDn('1.2.3.4=#0500'), parseDn('1.2.3.4=#0500'))).toBe(true);
  });

  it.each<[string, string | DistinguishedName]>([
    ['upper and lower case', String.raw`CN=TidePool,O=ACME\, INC.`],
    ['spaces in number and at the borders', String.raw`CN=\ tidepool\ ,O=Acme\,   Inc.`],
    ['a printable string', [organisation, attribute(CN, 'tidepool', Buffer.from('\x13\x08tidepool', 'latin1'))]],
    ['a BMP string', [organisation, attribute(CN, '', Buffer.from('\x1e\x10\0t\0i\0d\0e\0p\0o\0o\0l', 'latin1'))]],
    ['a dotted type and a hex value', String.raw`2.5.4.3=#0c0874696465706f6f6c,2.5.4.10=Acme\2c Inc.`],
  ])('finds the same: %s', (_, other) => {
    expect(sameDn(subjectInCertificate(other), registered)).toBe(true);
  });

  it('folds letters beyond ASCII', () => {
    expect(sameDn(parseDn('O=ÄRZTEBANK'), parseDn('O=ärztebank'))).toBe(true);
  });

  it('does not care for the order inside a multi-valued part [RFC4514-2.2]', () => {
    expect(sameDn(parseDn('CN=a+OU=b,O=c'), parseDn('OU=b+CN=a,O=c'))).toBe(true);
  });
});
