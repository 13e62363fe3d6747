import type { PeerTrust } from './live-purpose.ts';
import { isSelfSigned, issuedBy, seenAs } from './peer-certificate.ts';
import type { PeerCertificate } from './peer-certificate.ts';

/** In the place of OpenSSL's word, where the bundle in force holds nobody who issued this certificate. */
const ISSUER_NOT_TRUSTED = 'ISSUER_NOT_TRUSTED';

/**
 * The certificate of a live connection with what is known of it at this moment. The handshake has looked at the chain once, with
 * the authorities of that time: an authority that has left the bundle since vouches for nobody any more, not even where a root
 * that has stayed once signed it. And whether the certificate was taken back, no handshake has asked.
 *
 * A few look-ups in memory: what was worked out for one version of the trust is remembered.
 * @param now the moment of the request
 */
export function withStanding(cert: PeerCertificate, { trust, revocations }: PeerTrust, now: Date): PeerCertificate {
  const vouched = isSelfSigned(cert) || trust.current().certificates.some((authority) => issuedBy(cert, authority));
  const handshakeError = vouched ? cert.handshakeError : (cert.handshakeError ?? ISSUER_NOT_TRUSTED);
  return seenAs(cert, handshakeError, revocations.statusOf(cert, now));
}
