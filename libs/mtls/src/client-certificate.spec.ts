import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createIntermediate } from './authority/index.ts';
import type { CertificateReason } from './client-certificate.ts';
import { CertificateRefused, judgeClientCertificate } from './client-certificate.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { parsePeerCertificate } from './peer-certificate.ts';
import { throwAwayPki } from './testing/index.ts';

const now = new Date('2027-03-01T12:00:00Z');
const pki = throwAwayPki({ now });
const honest = pki.peer('fintech/transport');

function refusalOf(cert: PeerCertificate | undefined, at = now): CertificateRefused {
  try {
    judgeClientCertificate(cert, at);
  } catch (error) {
    if (error instanceof CertificateRefused) return error;
    throw error;
  }
  throw new Error('accepted');
}

function authorityAsClient(): PeerCertificate {
  const { root } = pki.participants;
  const when = { notBefore: new Date(now.getTime() - 1000), notAfter: new Date(now.getTime() + 86_400_000) };
  const random = (bytes: number): Buffer => Buffer.alloc(bytes, 1);
  const authority = createIntermediate({ ...when, issuer: root, subject: 'CN=ca', purpose: 'client', random });
  return parsePeerCertificate(authority.certificate.raw);
}

describe('judging a client certificate', () => {
  it('refuses none at all', () => {
    expect(refusalOf(undefined).reason).toBe('certificate_missing');
  });

  it.each<[string, CertificateReason]>([
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate_untrusted'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate_untrusted'],
    ['A_WORD_OF_A_LATER_OPENSSL', 'certificate_untrusted'],
    ['UNSPECIFIED', 'certificate_untrusted'],
    ['constructor', 'certificate_untrusted'],
    ['', 'certificate_untrusted'],
    ['CERT_HAS_EXPIRED', 'certificate_expired'],
    ['CERT_NOT_YET_VALID', 'certificate_not_yet_valid'],
    ['INVALID_PURPOSE', 'certificate_wrong_purpose'],
  ])('refuses what the handshake called %s as %s [RFC8705-2.1]', (handshakeError, reason) => {
    expect(refusalOf({ ...honest, handshakeError })).toMatchObject({
      reason,
      evidence: { thumbprint: honest.thumbprint },
    });
  });

  it('refuses one that has expired since the connection was opened', () => {
    expect(refusalOf(honest, new Date('2027-03-08')).reason).toBe('certificate_expired');
    expect(refusalOf(pki.peer('lab/expired')).reason).toBe('certificate_expired');
  });

  it('refuses one before its time, and one whose dates cannot be read', () => {
    expect(refusalOf(honest, new Date('2027-02-01')).reason).toBe('certificate_not_yet_valid');
    expect(refusalOf({ ...honest, notBefore: new Date(NaN) }).reason).toBe('certificate_not_yet_valid');
    expect(refusalOf({ ...honest, notAfter: new Date(NaN) }).reason).toBe('certificate_expired');
    expect(refusalOf(honest, new Date(NaN)).reason).toBe('certificate_not_yet_valid');
  });

  it('refuses a certification authority', () => {
    expect(refusalOf(authorityAsClient()).reason).toBe('certificate_is_ca');
  });

  it('refuses one made for servers only, and one that names no purpose [RFC8705-7.5]', () => {
    expect(refusalOf(pki.peer('lab/wrong-eku')).reason).toBe('certificate_wrong_purpose');
    expect(refusalOf(pki.peer('lab/no-eku')).reason).toBe('certificate_wrong_purpose');
    expect(refusalOf(pki.peer('bank/api')).reason).toBe('certificate_wrong_purpose');
  });

  it('refuses keys that are too short or of an unknown kind [FAPI2-SP-FINAL-5.4.1]', () => {
    const weak = [
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
      generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).privateKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
      generateKeyPairSync('ed448').privateKey,
    ];
    for (const key of weak) expect(refusalOf(pki.peer(pki.mint({ key }))).reason).toBe('certificate_weak_key');
  });

  it('refuses one that was taken back, and one of which nobody can tell [RFC8705-7.4] [RS-24]', () => {
    expect(refusalOf({ ...honest, revocation: 'revoked' }).reason).toBe('certificate_revoked');
    expect(refusalOf({ ...honest, revocation: 'unknown' }).reason).toBe('revocation_unknown');
    // Nobody has looked: that is no yes.
    expect(refusalOf(parsePeerCertificate(honest.der)).reason).toBe('revocation_unknown');
  });

  it('says how far off a clock must be when a certificate comes from the future', () => {
    const issuedIn7Minutes = new Date(honest.notBefore.getTime() - 420_000);
    expect(refusalOf(honest, issuedIn7Minutes)).toMatchObject({
      reason: 'certificate_not_yet_valid',
      evidence: { clock: "this machine's clock or the issuer's is off by at least 420 s" },
    });
    expect(refusalOf({ ...honest, handshakeError: 'CERT_NOT_YET_VALID' }, issuedIn7Minutes).evidence).toHaveProperty(
      'clock',
    );
    expect(refusalOf(pki.peer('lab/expired')).evidence).not.toHaveProperty('clock');
  });

  it('gives back the certificate it accepts', () => {
    expect(judgeClientCertificate(honest, now)).toBe(honest);
    expect(judgeClientCertificate(pki.peer('developer/client'), now).key.type).toBe('RSA');
  });
});
