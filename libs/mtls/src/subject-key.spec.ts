import { describe, expect, it } from 'vitest';
import { certificateKeys, selectorKey } from './subject-key.ts';
import { matchesSubject } from './subject-selector.ts';
import type { SubjectSelector } from './subject-selector.ts';
import { throwAwayPki } from './testing/index.ts';

const pki = throwAwayPki();
const certificates = [
  pki.peer('lab/first-client'),
  pki.peer('bank/service'),
  pki.peer(pki.mint({ subject: 'CN=A  b,O=C', dnsNames: ['A.test'], ips: ['10.0.0.1', '2001:db8::1'] })),
];
const SELECTORS: readonly SubjectSelector[] = [
  { kind: 'subject_dn', value: 'CN=lab-first-client' },
  { kind: 'subject_dn', value: 'cn=LAB-first-client' },
  { kind: 'subject_dn', value: 'cn=a B,o=c' },
  { kind: 'subject_dn', value: 'O=C,CN=A b' },
  { kind: 'san_dns', value: 'FIRST-client.lab.localhost' },
  { kind: 'san_dns', value: 'a.TEST' },
  { kind: 'san_dns', value: 'lab-first-client' },
  { kind: 'san_uri', value: 'spiffe://holdfast.test/bank' },
  { kind: 'san_uri', value: 'SPIFFE://holdfast.test/bank' },
  { kind: 'san_ip', value: '2001:DB8:0::1' },
  { kind: 'san_ip', value: '10.0.0.1' },
  { kind: 'san_email', value: 'a@b.test' },
];

describe('the key of a selector', () => {
  it.each(SELECTORS)(
    'is among those of a certificate exactly when the selector recognises it: $value [RFC8705-2.1.2]',
    (selector) => {
      for (const certificate of certificates)
        expect(certificateKeys(certificate).includes(selectorKey(selector))).toBe(
          matchesSubject(certificate, selector),
        );
    },
  );

  it('is not that of a selector of another kind with the same text', () => {
    expect(selectorKey({ kind: 'san_dns', value: 'x.test' })).not.toBe(
      selectorKey({ kind: 'san_uri', value: 'x.test' }),
    );
  });

  it('keeps the mailbox apart and folds the domain of a mail address [RFC5280-7.5]', () => {
    const key = (value: string) => selectorKey({ kind: 'san_email', value });
    expect(key('a@B.test')).toBe(key('a@b.test'));
    expect(key('A@b.test')).not.toBe(key('a@b.test'));
  });
});
