// @peculiar/x509 expects the polyfill to be there already.
import 'reflect-metadata';
import * as peculiar from '@peculiar/x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePeerCertificate } from '../peer-certificate.ts';
import { throwAwayPki } from '../testing/index.ts';

const pki = throwAwayPki();

describe('what the authority issues, read by an outside library', () => {
  it('agrees with our own reading of whatever is issued', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
    const text = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((one) => one.isWellFormed() && !one.includes('\0'));
    const ip = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(fc.array(label), fc.array(ip), text, (dnsNames, ips, commonName) => {
        const subject = [[{ type: '2.5.4.3', text: commonName, der: undefined }]];
        const leaf = pki.mint({ subject, dnsNames, ips });
        const parsed = parsePeerCertificate(leaf.certificate.raw);
        expect(parsed.dnsNames).toEqual(dnsNames);
        expect(parsed.ipAddresses).toHaveLength(ips.length);
        expect(parsed.subject[0]?.[0]?.text).toBe(commonName);
        const outside = new peculiar.X509Certificate(leaf.certificate.raw);
        const names = outside.getExtension(peculiar.SubjectAlternativeNameExtension)?.names.items ?? [];
        expect(names.filter(({ type }) => type === 'dns').map(({ value }) => value)).toEqual(dnsNames);
      }),
    );
  });
});
