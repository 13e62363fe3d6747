import type { FindingCode } from './certificate-findings.ts';
import type { PeerCertificate, PeerKey } from './peer-certificate.ts';
import { isSelfSigned } from './peer-certificate.ts';
import { formatDn } from './rfc4514.ts';

/** Why a client certificate may not be used: the codes of the catalogue but for those only the holder of the files can find. */
export type CertificateReason = Exclude<FindingCode, 'chain_out_of_order' | 'key_mismatch' | 'key_unreadable'>;

/** A client certificate that may not be used; `reason` is a code of the catalogue, `evidence` is for the audit alone. */
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
const COMMON_NAME = '2.5.4.3';

/**
 * OpenSSL's words for a chain that is sound but out of time or made for something else; every other word means untrusted, and
 * `chainFault` may know why.
 */
const REASON_OF_HANDSHAKE_ERROR: ReadonlyMap<string, CertificateReason> = new Map([
  ['CERT_HAS_EXPIRED', 'certificate_expired'],
  ['CERT_NOT_YET_VALID', 'certificate_not_yet_valid'],
  ['INVALID_PURPOSE', 'certificate_wrong_purpose'],
]);

const NO_CERTIFICATE = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE';

/**
 * Why a server that insists on a certificate ended a handshake. Node tells it in `tlsClientError` with a connection that is over, so
 * the certificate itself is not to be had any more.
 * @param error of that event
 * @param authorizationError of its socket: OpenSSL's word, when it had one
 * @returns the code of the catalogue and OpenSSL's word; undefined when it was no matter of a certificate, such as plain text
 */
export function faultOfHandshake(
  error: unknown,
  authorizationError: unknown,
): { readonly reason: CertificateReason; readonly handshake: string } | undefined {
  if (typeof authorizationError === 'string') {
    const reason = REASON_OF_HANDSHAKE_ERROR.get(authorizationError) ?? 'certificate_untrusted';
    return { reason, handshake: authorizationError };
  }
  const { code } = error as { code?: unknown };
  return code === NO_CERTIFICATE ? { reason: 'certificate_missing', handshake: code } : undefined;
}

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
    if (tooShort) return 'certificate_weak_key';
    // The purpose of an authority is to sign; OpenSSL calls its use by a client a wrong purpose.
    if (cert.handshakeError === 'INVALID_PURPOSE' && cert.isCa) return 'certificate_is_ca';
    return REASON_OF_HANDSHAKE_ERROR.get(cert.handshakeError) ?? cert.chainFault ?? 'certificate_untrusted';
  }
  for (const rule of RULES) {
    const fault = rule(cert, now);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Everything the certificate itself says against its use, in the order of the judgement: for whoever wants to mend it. */
export function faultsOf(cert: PeerCertificate, now: Date): readonly CertificateReason[] {
  return RULES.map((rule) => rule(cert, now)).filter((fault) => fault !== undefined);
}

type Rule = (cert: PeerCertificate, now: Date) => CertificateReason | undefined;

const RULES: readonly Rule[] = [
  faultOfTime,
  ({ isCa }) => (isCa ? 'certificate_is_ca' : undefined),
  // OpenSSL takes a certificate without extended key usage for any purpose; a client here has been issued as one. [RFC8705-7.5]
  ({ extendedKeyUsage }) => (extendedKeyUsage.includes(CLIENT_AUTH) ? undefined : 'certificate_wrong_purpose'),
  ({ key }) => (isStrong(key) ? undefined : 'certificate_weak_key'),
  faultOfNames,
];

/**
 * Our choice, no clause: what names several parties names none. Of two common names one reader takes the first and another the
 * last; a wildcard stands for nobody (RFC8705-2.1.2).
 */
function faultOfNames({ subject, dnsNames }: PeerCertificate): CertificateReason | undefined {
  const commonNames = subject.flat().filter(({ type }) => type === COMMON_NAME);
  if (commonNames.length > 1) return 'subject_ambiguous';
  const names = [...commonNames.map(({ text }) => text ?? ''), ...dnsNames];
  return names.some((name) => name.startsWith('*')) ? 'name_wildcard' : undefined;
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
