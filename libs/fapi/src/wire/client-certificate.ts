import type { PeerCertificate } from '@holdfast/mtls';
import { CertificateRefused, judgeClientCertificate } from '@holdfast/mtls';
import type { OAuthErrorCode } from '../errors.ts';
import { refuse } from '../errors.ts';

/**
 * The certificate of the live connection, judged now. Judged on every request, because a kept-alive connection remembers
 * the handshake and not what has happened to the certificate since.
 *
 * @param code how this endpoint calls the refusal: `invalid_client` at the authorization server, `invalid_token` at a resource
 * @throws OAuthError with the certificate's own reason
 */
export function presentCertificate(
  peer: PeerCertificate | undefined,
  now: Date,
  code: OAuthErrorCode & ('invalid_client' | 'invalid_token'),
): PeerCertificate {
  try {
    return judgeClientCertificate(peer, now);
  } catch (error) {
    if (error instanceof CertificateRefused) throw refuse(code, error.reason, { evidence: error.evidence });
    throw error;
  }
}
