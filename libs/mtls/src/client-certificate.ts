import type { PeerCertificate } from './peer-certificate.ts';

export type CertificateReason =
  | 'certificate_missing'
  | 'certificate_unreadable'
  | 'certificate_untrusted'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'certificate_wrong_purpose'
  | 'certificate_is_ca'
  | 'certificate_weak_key';

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

export function judgeClientCertificate(_cert: PeerCertificate | undefined, _now: Date): PeerCertificate {
  throw new Error('not built yet');
}
