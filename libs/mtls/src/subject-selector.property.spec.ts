import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import { parsePeerCertificate } from './peer-certificate.ts';
import { formatDn } from './rfc4514.ts';
import { checkSubjectSelector, matchesSubject } from './subject-selector.ts';
import type { SubjectSelector } from './subject-selector.ts';
import { throwAwayPki } from './testing/index.ts';
import type { OddLeaf } from './testing/index.ts';
import { anyName, nameText } from './testing/names.ts';

const pki = throwAwayPki();
const { key } = pki.mint();

const dns = fc
  .array(fc.constantFrom('a', 'B', 'api', 'f1', 'test', '*', '', '-', '_', 'x-y', 'é'), { minLength: 1, maxLength: 3 })
  .map((labels) => labels.join('.'));
const email = fc.tuple(fc.constantFrom('ops', 'OPS', 'a@b', '', '"x"'), dns).map((parts) => parts.join('@'));
const uri = fc.oneof(
  dns,
  fc.webUrl(),
  dns.map((name) => `spiffe://${name}/x`),
);
const ip = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('::1', '192.0.2.1', '::ffff:192.0.2.1'));

/** A certificate with names of all kinds, odd ones among them. */
const leaf: fc.Arbitrary<OddLeaf> = fc.record({
  subject: fc.constant('CN=api.f1.test'),
  dnsNames: fc.array(dns, { maxLength: 3 }),
  emails: fc.array(email, { maxLength: 2 }),
  uris: fc.array(uri, { maxLength: 2 }),
  ips: fc.array(ip, { maxLength: 2 }),
});

/** A certificate and a value to look for in it, which is often one of its own. */
const leafWith = (value: fc.Arbitrary<string>, own: (odd: OddLeaf) => readonly string[]) =>
  leaf.chain((odd) => {
    const [first, ...more] = own(odd);
    const chosen = first === undefined ? value : fc.oneof(value, fc.mixedCase(fc.constantFrom(first, ...more)));
    return fc.tuple(fc.constant(odd), chosen);
  });

/** The certificate as OpenSSL has it and as we read it; cases in which we refuse to read it are left out. */
function minted(odd: OddLeaf) {
  const { certificate } = pki.mint({ ...odd, key });
  try {
    return { certificate, peer: parsePeerCertificate(certificate.raw) };
  } catch (error) {
    expect(error).toBeInstanceOf(CertificateError);
    fc.pre(false);
    throw error;
  }
}

/** Whether the value could be registered at all. */
function registrable(selector: SubjectSelector): boolean {
  try {
    return checkSubjectSelector(selector) === selector;
  } catch {
    return false;
  }
}

const ALL_KINDS = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'] as const;
const kinds = fc.constantFrom<SubjectSelector['kind']>(...ALL_KINDS);

describe('a subject selector [RFC8705-2.1.2]', () => {
  it('recognises a DNS name exactly where OpenSSL does, wildcards and common names left aside', () => {
    fc.assert(
      fc.property(
        leafWith(dns, ({ dnsNames = [] }) => dnsNames),
        ([odd, value]) => {
          fc.pre(registrable({ kind: 'san_dns', value }));
          const { certificate, peer } = minted(odd);
          const found = certificate.checkHost(value, { wildcards: false, subject: 'never' }) !== undefined;
          expect(matchesSubject(peer, { kind: 'san_dns', value })).toBe(found);
        },
      ),
    );
  });

  it('recognises an IP address exactly where OpenSSL does', () => {
    fc.assert(
      fc.property(
        leafWith(ip, ({ ips = [] }) => ips),
        ([odd, value]) => {
          const { certificate, peer } = minted(odd);
          expect(matchesSubject(peer, { kind: 'san_ip', value })).toBe(certificate.checkIP(value) !== undefined);
        },
      ),
    );
  });

  it('recognises a mail address only where OpenSSL does', () => {
    fc.assert(
      fc.property(
        leafWith(email, ({ emails = [] }) => emails),
        ([odd, value]) => {
          const { certificate, peer } = minted(odd);
          if (matchesSubject(peer, { kind: 'san_email', value }))
            expect(certificate.checkEmail(value, { subject: 'never' })).toBeDefined();
        },
      ),
    );
  });

  it('recognises a URI to the letter', () => {
    fc.assert(
      fc.property(
        leafWith(uri, ({ uris = [] }) => uris),
        ([odd, value]) => {
          const { peer } = minted(odd);
          const selector = { kind: 'san_uri', value } as const;
          expect(matchesSubject(peer, selector)).toBe(registrable(selector) && (odd.uris ?? []).includes(value));
        },
      ),
    );
  });

  it('recognises the subject it was written from', () => {
    fc.assert(
      fc.property(anyName, (subject) => {
        const { peer } = minted({ subject });
        expect(matchesSubject(peer, { kind: 'subject_dn', value: formatDn(peer.subject) })).toBe(true);
      }),
    );
  });

  it('of one kind finds nothing among names of another kind', () => {
    const value = fc.oneof(dns, ip, email, uri);
    const odd = (name: string): OddLeaf => ({ subject: 'CN=odd', dnsNames: [name], uris: [name], emails: [name] });
    fc.assert(
      fc.property(
        value.filter((name) => name !== ''),
        (name) => {
          const { peer } = minted(odd(name));
          const without = (list: 'dnsNames' | 'uris' | 'emailAddresses') => ({ ...peer, [list]: [] });
          expect(matchesSubject(without('dnsNames'), { kind: 'san_dns', value: name })).toBe(false);
          expect(matchesSubject(without('uris'), { kind: 'san_uri', value: name })).toBe(false);
          expect(matchesSubject(without('emailAddresses'), { kind: 'san_email', value: name })).toBe(false);
          expect(matchesSubject(peer, { kind: 'san_ip', value: name })).toBe(false);
        },
      ),
    );
  });

  it('that could not be registered recognises nobody, whatever it says, and never fails otherwise', () => {
    const peers = [pki.peer('lab/first-client'), pki.peer('bank/service')];
    fc.assert(
      fc.property(kinds, fc.oneof(nameText, dns, email, uri, ip, fc.string()), (kind, value) => {
        const selector = { kind, value };
        for (const peer of peers) if (matchesSubject(peer, selector)) expect(registrable(selector)).toBe(true);
        if (!registrable(selector)) expect(() => checkSubjectSelector(selector)).toThrow(TypeError);
      }),
    );
  });

  it('takes no more than its time', () => {
    const unit = fc.string({ unit: fc.constantFrom(...'a1.-_@:/[]% ,=+\\*'.split('')), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(kinds, unit, fc.constantFrom('', '!', '.', '@'), (kind, part, end) => {
        matchesSubject(pki.peer('lab/first-client'), { kind, value: part.repeat(10_000) + end });
      }),
      { numRuns: 20 },
    );
  });
});
