import { describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import { childrenOf, readDer, readOid } from './der.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('DER', () => {
  it.each([
    ['nothing', ''],
    ['a tag without a length', '04'],
    ['a content cut short', '04 03 01 02'],
    ['bytes after the end', '05 00 00'],
    ['an indefinite length', '30 80 00 00'],
    ['a long form for a short length', '04 81 01 00'],
    ['a length with a leading zero', '04 82 00 80'],
    ['a length of five bytes', '04 85 01 00 00 00 00'],
    ['a tag of several bytes', '1f 81 00 00'],
  ])('refuses %s [RFC5280-4.1]', (_, bytes) => {
    expect(() => readDer(hex(bytes))).toThrow(CertificateError);
  });

  it.each([
    ['empty', '06 00'],
    ['cut inside an arc', '06 02 55 84'],
    ['with a padded arc', '06 03 55 80 03'],
    ['so long that reading it would take the time of everybody else', `06 82 01 00 ${'81'.repeat(255)}01`],
  ])('refuses an object identifier that is %s', (_, bytes) => {
    expect(() => readOid(readDer(hex(bytes)))).toThrow(CertificateError);
  });

  it('refuses to look inside a primitive value', () => {
    expect(() => childrenOf(readDer(hex('04 02 05 00')))).toThrow(CertificateError);
  });

  it('reads nested values and object identifiers', () => {
    const [oid, nothing] = childrenOf(readDer(hex('30 07 06 03 55 04 03 05 00')));
    expect(readOid(oid)).toBe('2.5.4.3');
    expect(nothing?.content).toHaveLength(0);
    expect(readOid(readDer(hex('06 03 81 34 03')))).toBe('2.100.3');
  });
});
