import { faultOfRevocation, faultOfTime } from './client-certificate.ts';
import type { CertificateReason } from './client-certificate.ts';
import type { PeerTrust } from './live-purpose.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { withStanding } from './standing.ts';

/**
 * Why the server at the other end of an open connection may not be talked to any more; undefined when it may. The handshake has
 * verified chain, name and purpose; this asks what it could not, or what has changed since. RFC5280-6.3.
 * @param cert what it presented
 * @param servers whose certificates are taken
 * @param now the moment of the call
 */
export function faultOfServer(cert: PeerCertificate, servers: PeerTrust, now: Date): CertificateReason | undefined {
  const seen = withStanding(cert, servers, now);
  if (seen.handshakeError !== undefined) return 'certificate_untrusted';
  return faultOfTime(seen, now) ?? faultOfRevocation(seen);
}
