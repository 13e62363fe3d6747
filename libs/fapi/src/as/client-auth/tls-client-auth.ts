import type { PeerCertificate } from '@holdfast/mtls';
import { formatDn, matchesSubject } from '@holdfast/mtls';
import { refuse } from '../../errors.ts';
import { presentCertificate } from '../../wire/client-certificate.ts';
import type { ClientAuthentication } from '../clients.ts';

/**
 * RFC8705-2.1 [TOK-03]: the live certificate carries the name registered for this client, and comes from the authority
 * the client was registered under. Only the leaf whose key signed the handshake counts; what else the peer appended to
 * its chain proves nothing.
 *
 * @throws OAuthError `invalid_client`
 */
export function authenticateByCertificate(
  { subject, authority }: Extract<ClientAuthentication, { method: 'tls_client_auth' }>,
  peer: PeerCertificate | undefined,
  now: Date,
): void {
  const certificate = presentCertificate(peer, now, 'invalid_client');
  // RFC8705-7.4 [TOK-04]: another trusted authority may vouch for the same name; it does not vouch for this client.
  if (!authority.hasIssued(certificate))
    throw refuse('invalid_client', 'certificate_issuer_mismatch', {
      evidence: { issuer: formatDn(certificate.issuer) },
    });
  // RFC8705-2.1.2 [TOK-02] [TOK-07]: exactly one registered name, compared by structure.
  if (!matchesSubject(certificate, subject))
    throw refuse('invalid_client', 'certificate_subject_mismatch', {
      evidence: { registered: `${subject.kind}=${subject.value}`, presented: formatDn(certificate.subject) },
    });
}
