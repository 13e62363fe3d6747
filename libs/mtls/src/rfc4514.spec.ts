import { describe, expect, it } from 'vitest';
import { DistinguishedNameError, parseDn } from './rfc4514.ts';

const texts = (dn: string): unknown => parseDn(dn).map((relative) => relative.map(({ type, text }) => [type, text]));

describe('a distinguished name as text', () => {
  it.each([
    ['an empty name', '', /empty/],
    ['spaces only', '  ', /empty/],
    ['the slash form of OpenSSL', '/O=Tidepool/CN=tidepool', /slash form.*RFC2253/],
    ['the one-line form of OpenSSL 3.0', 'O = Tidepool, CN = tidepool', /one-line form.*RFC2253/],
    ['the one-line form of OpenSSL 3.2', 'O=Tidepool, CN=tidepool', /one-line form.*RFC2253/],
    ['a part without a type', 'CN=a,tidepool', /type=value/],
    ['an unknown short name', 'XX=a', /object identifier/],
    ['the legacy prefix OID.', 'OID.2.5.4.3=a', /object identifier/],
    ['a dotted type with a leading zero', '2.05.4=a', /object identifier/],
    ['a leading space', 'CN= a', /space/],
    ['a trailing space', 'CN=a ', /space/],
    ['a trailing space after an escaped backslash', String.raw`CN=a\\ `, /space/],
    ['a quoted value', 'CN="a"', /escape/],
    ['a semicolon as separator', 'CN=a;O=b', /escape/],
    ['a backslash at the end', 'CN=a\\', /escape/],
    ['an escape of nothing special', String.raw`CN=a\q`, /escape/],
    ['an escaped NUL', String.raw`CN=a\00b`, /NUL/],
    ['a bare NUL', 'CN=a\0b', /NUL/],
    ['escaped bytes that are not UTF-8', String.raw`CN=\ff`, /UTF-8/],
    ['half a surrogate pair', 'CN=\ud800', /Unicode/],
    ['an odd number of hex digits', 'CN=#0c1', /hex/],
    ['no hex digits', 'CN=#', /hex/],
    ['hex that is not DER', 'CN=#0c05ff', /DER/],
  ])('refuses %s and says why [RFC4514-3]', (_, text, message) => {
    expect(() => parseDn(text)).toThrow(DistinguishedNameError);
    expect(() => parseDn(text)).toThrow(message);
  });

  it('reads the last part written as the first of the DER [RFC4514-2.1]', () => {
    expect(texts('CN=tidepool,O=Tidepool')).toEqual([[['2.5.4.10', 'Tidepool']], [['2.5.4.3', 'tidepool']]]);
  });

  it('reads escapes of special characters, of bytes and of border spaces [RFC4514-2.4]', () => {
    expect(texts(String.raw`O=Acme\, Inc.`)).toEqual([[['2.5.4.10', 'Acme, Inc.']]]);
    expect(texts(String.raw`CN=Lu\C4\8Di\C4\87`)).toEqual([[['2.5.4.3', 'Lučić']]]);
    expect(texts(String.raw`CN=\ a\ `)).toEqual([[['2.5.4.3', ' a ']]]);
    expect(texts(String.raw`CN=\#a=b\\`)).toEqual([[['2.5.4.3', '#a=b\\']]]);
  });

  it('reads dotted types, #hex values and any case of a short name [RFC4514-2.3]', () => {
    expect(texts('2.5.4.3=#0c0474696465')).toEqual([[['2.5.4.3', 'tide']]]);
    expect(texts('cn=a+Ou=b')).toEqual([
      [
        ['2.5.4.3', 'a'],
        ['2.5.4.11', 'b'],
      ],
    ]);
    expect(texts('1.2.3.4=#0500')).toEqual([[['1.2.3.4', undefined]]]);
    // As the command of our own hint prints it.
    expect(texts('GN=Alice')).toEqual([[['2.5.4.42', 'Alice']]]);
  });
});
