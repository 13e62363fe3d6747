import { describe, expect, it } from 'vitest';
import { CertificateRefused, judgeBoundCertificate, judgeClientCertificate } from './client-certificate.ts';
import type { CertificateReason } from './client-certificate.ts';
import { isSelfSigned } from './peer-certificate.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { throwAwayPki } from './testing/index.ts';
import type { OddLeaf } from './testing/index.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const pki = throwAwayPki({ now: NOW });
const SELF_SIGNED = 'DEPTH_ZERO_SELF_SIGNED_CERT';
const own = (odd: Omit<OddLeaf, 'issuer'> = {}): PeerCertificate => pki.peer(pki.selfSigned(odd), SELF_SIGNED);

function reasonOf(judge: () => unknown): CertificateReason | 'accepted' {
  try {
    judge();
    return 'accepted';
  } catch (error) {
    if (error instanceof CertificateRefused) return error.reason;
    throw error;
  }
}
const judged = (cert: PeerCertificate | undefined, now = NOW) => reasonOf(() => judgeBoundCertificate(cert, now));
const later = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

describe('a certificate that is bound by its bytes is refused', () => {
  it('when there is none', () => expect(judged(undefined)).toBe('certificate_missing'));

  it('before and after its time [RFC8705-7.4]', () => {
    expect(judged(own(), later(-1))).toBe('certificate_not_yet_valid');
    expect(judged(own(), later(2))).toBe('certificate_expired');
  });

  it('when it is for servers only [RFC8705-7.5]', () =>
    expect(judged(own({ purpose: 'server' }))).toBe('certificate_wrong_purpose'));

  it('when it names itself as issuer, but another key signed it [RFC8705-2.2]', () => {
    const forged = pki.mint({ subject: 'CN=participants intermediate,O=Holdfast' });
    expect(judged(pki.peer(forged, SELF_SIGNED))).toBe('certificate_untrusted');
  });

  it('when it comes from an authority nobody knows: that one has to chain [RFC8705-7.4]', () => {
    const rogue = pki.mint({ issuer: pki.rogue().intermediate });
    expect(judged(pki.peer(rogue, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'))).toBe('certificate_untrusted');
  });

  it('and a self-signed one is never good where names are believed [RFC8705-2.1]', () =>
    expect(reasonOf(() => judgeClientCertificate(own(), NOW))).toBe('certificate_untrusted'));
});

describe('a certificate that is bound by its bytes', () => {
  it.each<[string, Omit<OddLeaf, 'issuer'>]>([
    ['for clients', {}],
    ['for no purpose in particular', { purpose: 'none' }],
    ['with an RSA key', { key: 'RSA-2048' }],
  ])('may be of its owner’s making: %s [RFC8705-2.2]', (_, odd) => expect(judged(own(odd))).toBe('accepted'));

  it('may come from a known authority', () => expect(judged(pki.peer(pki.mint()))).toBe('accepted'));
});

describe('a certificate', () => {
  it('is self-signed when it names itself and its own key signed it', () => {
    expect(isSelfSigned(own())).toBe(true);
    expect(isSelfSigned(pki.peer(pki.mint()))).toBe(false);
  });
});
