import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import { verifyClientChain } from './client-chain.ts';
import { ClientCertFieldError, readClientCert, readClientCertChain } from './client-cert-field.ts';
import { damagedDer } from './testing/der-tree.ts';
import { throwAwayPki } from './testing/index.ts';
import type { Trust } from './trust.ts';

const now = new Date();
const pki = throwAwayPki();
const leaf = pki.leaf('lab/first-client').certificate.raw;
const { root, intermediate, trust } = pki.participants;
const onlyRoot: Trust = { pem: root.certificate.toString(), certificates: [root.certificate] };

/** The verdict, or the word that the bytes are no certificate; nothing else may happen. */
function verdict(der: Buffer, chain: readonly Buffer[], trusted: Trust): string | undefined {
  try {
    return verifyClientChain(der, chain, trusted, now);
  } catch (error) {
    expect(error).toBeInstanceOf(CertificateError);
    return 'unreadable';
  }
}

describe('a chain in which anything was changed [RFC5280-6.1]', () => {
  it('vouches for no leaf that is not the one that was signed', () => {
    fc.assert(
      fc.property(damagedDer(leaf), (damaged) => {
        fc.pre(!damaged.equals(leaf));
        expect(verdict(damaged, [], trust)).toBeDefined();
      }),
    );
  });

  it('ends at no root by way of an intermediate that is not the one that was signed', () => {
    const honest = intermediate.certificate.raw;
    fc.assert(
      fc.property(damagedDer(honest), (damaged) => {
        fc.pre(!damaged.equals(honest));
        expect(verdict(leaf, [damaged], onlyRoot)).toBeDefined();
      }),
    );
  });
});

describe('a field in which anything was changed [RFC9440-2.2]', () => {
  const field = `:${leaf.toString('base64')}:`;
  const changed = fc
    .tuple(fc.nat({ max: field.length }), fc.nat({ max: 3 }), fc.string({ maxLength: 4, unit: 'binary' }))
    .map(([at, removed, put]) => field.slice(0, at) + put + field.slice(at + removed));

  it.each([
    ['Client-Cert', (value: string) => [readClientCert(value)]],
    ['Client-Cert-Chain', readClientCertChain],
  ] as const)('%s is refused, or is what it says and nothing else', (_name, read) => {
    fc.assert(
      fc.property(changed, (value) => {
        let ders: readonly Buffer[];
        try {
          ders = read(value);
        } catch (error) {
          expect(error).toBeInstanceOf(ClientCertFieldError);
          return;
        }
        const written = ders.map((der) => `:${der.toString('base64')}:`);
        expect(value.split(/[ \t]*,[ \t]*/)).toEqual(written);
      }),
    );
  });
});
