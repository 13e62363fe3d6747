import type { PeerCertificate } from '@holdfast/mtls';
import { CertificateRefused, judgeBoundCertificate, judgeClientCertificate } from '@holdfast/mtls';
import type { OAuthErrorCode } from '../errors.ts';
import { refuse } from '../errors.ts';

/** How an endpoint calls the refusal: `invalid_client` at the authorization server, `invalid_token` at a resource. */
type RefusalCode = OAuthErrorCode & ('invalid_client' | 'invalid_token');

/**
 * The certificate of the live connection, judged now. Judged on every request, because a kept-alive connection remembers
 * the handshake and not what has happened to the certificate since.
 *
 * @throws OAuthError with the certificate's own reason
 */
export const presentCertificate = (peer: PeerCertificate | undefined, now: Date, code: RefusalCode): PeerCertificate =>
  judged(() => judgeClientCertificate(peer, now), code);

/**
 * The same for a certificate that a token is bound to and that recognises nobody by its names: a self-signed one needs no
 * authority, because exactly these bytes are registered (RFC8705-2.2) or named in the token (RFC8705-6.2).
 *
 * @throws OAuthError with the certificate's own reason
 */
export const presentBoundCertificate = (
  peer: PeerCertificate | undefined,
  now: Date,
  code: RefusalCode,
): PeerCertificate => judged(() => judgeBoundCertificate(peer, now), code);

function judged(judge: () => PeerCertificate, code: RefusalCode): PeerCertificate {
  try {
    return judge();
  } catch (error) {
    if (error instanceof CertificateRefused) throw refuse(code, error.reason, { evidence: error.evidence });
    throw error;
  }
}
