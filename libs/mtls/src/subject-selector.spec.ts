import { describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import type { SubjectSelector } from './subject-selector.ts';
import { checkSubjectSelector, matchesSubject } from './subject-selector.ts';
import type { OddLeaf } from './testing/index.ts';
import { throwAwayPki } from './testing/index.ts';

const pki = throwAwayPki();
const certificate = (odd: OddLeaf): PeerCertificate => pki.peer(pki.mint(odd));
const selector = (kind: SubjectSelector['kind'], value: string): SubjectSelector => ({ kind, value });

describe('a subject selector [RFC8705-2.1.2]', () => {
  const dns = selector('san_dns', 'api.f1.test');

  it.each<[string, OddLeaf]>([
    ['a URI', { uris: ['api.f1.test'] }],
    ['a mail address', { emails: ['api.f1.test'] }],
    ['the common name', { subject: 'CN=api.f1.test' }],
    ['a wildcard over it', { dnsNames: ['*.f1.test'] }],
    ['a trailing dot', { dnsNames: ['api.f1.test.'] }],
    ['a longer name that ends with it', { dnsNames: ['evil.api.f1.test'] }],
    ['a longer name that begins with it', { dnsNames: ['api.f1.test.evil.test'] }],
    ['an entry that pretends to be two', { dnsNames: ['evil.test, DNS:api.f1.test'] }],
    ['no alternative name at all', {}],
  ])('for a DNS name is not met by %s', (_, odd) => {
    expect(matchesSubject(certificate(odd), dns)).toBe(false);
  });

  it.each([
    ['NUL', 'api.f1.test\0.evil.test'],
    ['a line break', 'api.f1.test\n'],
    ['nothing', ''],
    ['a byte above ASCII', 'api.f1.te\u00dft'],
  ])('never meets a certificate whose name holds %s: such a certificate cannot be read', (_, name) => {
    expect(() => certificate({ dnsNames: [name] })).toThrow(CertificateError);
  });

  it('matches no certificate when it could not have been registered', () => {
    const loose = certificate({ dnsNames: ['*.f1.test', 'f1.test.'], subject: 'CN=odd' });
    expect(matchesSubject(loose, selector('san_dns', '*.f1.test'))).toBe(false);
    expect(matchesSubject(loose, selector('san_dns', 'f1.test.'))).toBe(false);
    expect(matchesSubject(loose, selector('san_dns', ''))).toBe(false);
    expect(matchesSubject(loose, selector('subject_dn', '/CN=odd'))).toBe(false);
    expect(matchesSubject(loose, { kind: 'san_other', value: 'x' } as unknown as SubjectSelector)).toBe(false);
    expect(matchesSubject(loose, { kind: 'subject_dn' } as unknown as SubjectSelector)).toBe(false);
  });

  it('keeps IPv4 and IPv4-mapped IPv6 apart', () => {
    expect(matchesSubject(certificate({ ips: ['::ffff:192.0.2.1'] }), selector('san_ip', '192.0.2.1'))).toBe(false);
    expect(matchesSubject(certificate({ ips: ['192.0.2.1'] }), selector('san_ip', '::ffff:192.0.2.1'))).toBe(false);
    expect(matchesSubject(certificate({ dnsNames: ['192.0.2.1'] }), selector('san_ip', '192.0.2.1'))).toBe(false);
  });

  it('compares URIs and local parts of mail addresses exactly', () => {
    expect(matchesSubject(certificate({ uris: ['https://f1.test/A'] }), selector('san_uri', 'https://f1.test/a'))).toBe(
      false,
    );
    expect(matchesSubject(certificate({ emails: ['Ops@f1.test'] }), selector('san_email', 'ops@f1.test'))).toBe(false);
    expect(
      matchesSubject(certificate({ emails: ['ops@evil.test@f1.test'] }), selector('san_email', 'ops@evil.test')),
    ).toBe(false);
  });

  it.each([
    ['san_dns', '*.f1.test', /wildcard/],
    ['san_dns', 'f1.test.', /dot/],
    ['san_ip', '192.0.2.01', /IP/],
    ['san_ip', 'fe80::1%eth0', /IP/],
    ['san_uri', 'f1.test', /URI/],
    ['san_email', 'f1.test', /mail/],
    ['subject_dn', 'O=a, CN=b', /one-line/],
  ] as const)('is refused at registration: %s %s', (kind, value, message) => {
    expect(() => checkSubjectSelector(selector(kind, value))).toThrow(message);
  });

  it.each<[string, OddLeaf, SubjectSelector]>([
    ['a DNS name in any case, one of several', { dnsNames: ['other.test', 'API.f1.test'] }, dns],
    ['a URI', { uris: ['spiffe://f1.test/x'] }, selector('san_uri', 'spiffe://f1.test/x')],
    ['an IPv4 address', { ips: ['192.0.2.1'] }, selector('san_ip', '192.0.2.1')],
    ['an IPv6 address in another spelling', { ips: ['2001:db8::1'] }, selector('san_ip', '2001:0DB8:0:0::1')],
    ['a mapped address as IPv6', { ips: ['::ffff:192.0.2.1'] }, selector('san_ip', '::ffff:c000:201')],
    ['a mail address, domain in any case', { emails: ['ops@F1.test'] }, selector('san_email', 'ops@f1.TEST')],
    ['the whole subject', { subject: 'CN=tidepool,O=Tidepool' }, selector('subject_dn', 'CN=Tidepool,O=tidepool')],
  ])('meets %s', (_, odd, registered) => {
    expect(matchesSubject(certificate(odd), checkSubjectSelector(registered))).toBe(true);
  });
});
