import type { PeerCertificate, PeerKey } from './peer-certificate.ts';
import { isSelfSigned } from './peer-certificate.ts';
import { formatDn } from './rfc4514.ts';

export type CertificateReason =
  | 'certificate_missing'
  | 'certificate_unreadable'
  | 'certificate_untrusted'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'certificate_wrong_purpose'
  | 'certificate_is_ca'
  | 'certificate_weak_key'
  /** Its authority has taken it back. */
  | 'certificate_revoked'
  /** Nobody can tell whether its authority has: no list of it, a list past its time, or no word from it for too long. */
  | 'revocation_unknown';

/** A client certificate that may not be used; `reason` and `evidence` are for the audit, not for the wire. */
export class CertificateRefused extends Error {
  override readonly name = 'CertificateRefused';
  readonly reason: CertificateReason;
  readonly evidence: Record<string, string>;

  constructor(reason: CertificateReason, evidence: Record<string, string> = {}) {
    super(reason);
    this.reason = reason;
    this.evidence = evidence;
  }
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** OpenSSL's words for a chain that is sound but out of time or made for something else; every other word means untrusted. */
const REASON_OF_HANDSHAKE_ERROR: ReadonlyMap<string, CertificateReason> = new Map([
  ['CERT_HAS_EXPIRED', 'certificate_expired'],
  ['CERT_NOT_YET_VALID', 'certificate_not_yet_valid'],
  ['INVALID_PURPOSE', 'certificate_wrong_purpose'],
]);

/**
 * Judges a client certificate, on every request and not once per connection: a kept-alive connection outlives the
 * certificate it was opened with. Missing input is refused like a wrong one.
 * @param now the moment of the request
 * @returns the certificate, when it may be used to recognise a client
 * @throws CertificateRefused with the reason for the audit
 */
export function judgeClientCertificate(cert: PeerCertificate | undefined, now: Date): PeerCertificate {
  if (cert === undefined) throw new CertificateRefused('certificate_missing');
  const reason = faultOf(cert, now) ?? faultOfRevocation(cert);
  if (reason === undefined) return cert;
  throw new CertificateRefused(reason, evidenceOf(cert, now));
}

/**
 * Judges a certificate that a token is bound to, or is to be bound to, and that recognises nobody by its names. A
 * self-signed one is taken without a chain: whoever uses it is known by exactly these bytes, registered (RFC8705-2.2) or
 * written into the token as a thumbprint (RFC8705-6.2). Any other must come from a known authority.
 * @param now the moment of the request
 * @throws CertificateRefused with the reason for the audit
 */
export function judgeBoundCertificate(cert: PeerCertificate | undefined, now: Date): PeerCertificate {
  if (cert === undefined || !isSelfSigned(cert)) return judgeClientCertificate(cert, now);
  const reason = faultOfTime(cert, now) ?? faultOfSelfSigned(cert) ?? faultOfRevocation(cert);
  if (reason === undefined) return cert;
  throw new CertificateRefused(reason, evidenceOf(cert, now));
}

// It signs nothing for others here, whatever its basic constraints say; and nobody issued it for one purpose.
function faultOfSelfSigned({ extendedKeyUsage, key }: PeerCertificate): CertificateReason | undefined {
  if (extendedKeyUsage.length > 0 && !extendedKeyUsage.includes(CLIENT_AUTH)) return 'certificate_wrong_purpose';
  return isStrong(key) ? undefined : 'certificate_weak_key';
}

function faultOf(cert: PeerCertificate, now: Date): CertificateReason | undefined {
  if (cert.handshakeError !== undefined) {
    // Node has no word for a key that is too short for OpenSSL and says UNSPECIFIED.
    const tooShort = cert.handshakeError === 'UNSPECIFIED' && !isStrong(cert.key);
    return tooShort
      ? 'certificate_weak_key'
      : (REASON_OF_HANDSHAKE_ERROR.get(cert.handshakeError) ?? 'certificate_untrusted');
  }
  const untimely = faultOfTime(cert, now);
  if (untimely !== undefined) return untimely;
  if (cert.isCa) return 'certificate_is_ca';
  // OpenSSL takes a certificate without extended key usage for any purpose; a client here has been issued as one. [RFC8705-7.5]
  if (!cert.extendedKeyUsage.includes(CLIENT_AUTH)) return 'certificate_wrong_purpose';
  return isStrong(cert.key) ? undefined : 'certificate_weak_key';
}

// Written so that a date that could not be read (NaN) is refused as well.
export function faultOfTime(cert: PeerCertificate, now: Date): CertificateReason | undefined {
  if (!(now >= cert.notBefore)) return 'certificate_not_yet_valid';
  return now <= cert.notAfter ? undefined : 'certificate_expired';
}

// RFC8705-7.4 [RS-24]: its authority may have taken it back since the connection was opened; and when nobody can tell, it is
// refused too.
export function faultOfRevocation({ revocation }: PeerCertificate): CertificateReason | undefined {
  if (revocation === 'good') return undefined;
  return revocation === 'revoked' ? 'certificate_revoked' : 'revocation_unknown';
}

/** FAPI2-SP-FINAL-5.4.1: RSA of 2048 bits at least; elliptic curves of 256 bits are our choice above the 224 it demands. */
export function isStrong({ type, bits }: PeerKey): boolean {
  switch (type) {
    case 'EC':
    case 'Ed25519':
      return bits >= 256;
    case 'RSA':
      return bits >= 2048;
    default:
      return false;
  }
}

function evidenceOf(cert: PeerCertificate, now: Date): Record<string, string> {
  const early = cert.notBefore.getTime() - now.getTime();
  return {
    thumbprint: cert.thumbprint,
    subject: formatDn(cert.subject),
    issuer: formatDn(cert.issuer),
    notAfter: isoDate(cert.notAfter),
    ...(early > 0 ? { clock: clockOff(early) } : {}),
    ...(cert.handshakeError === undefined ? {} : { handshake: cert.handshakeError }),
  };
}

/** A certificate from the future was issued by a clock ahead of ours: which of the two is wrong, only people can tell. */
function clockOff(milliseconds: number): string {
  return `this machine's clock or the issuer's is off by at least ${Math.ceil(milliseconds / 1000)} s`;
}

function isoDate(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'unreadable' : date.toISOString();
}
