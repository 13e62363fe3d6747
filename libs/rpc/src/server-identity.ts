import { faultOfServer, parsePeerCertificate } from '@holdfast/mtls';
import type { PeerCertificate, PeerTrust } from '@holdfast/mtls';
import type { PeerCertificate as HandshakeCertificate } from 'node:tls';
import { PeerRefused, serviceOf } from './service-identity.ts';
import type { PeerReason } from './service-identity.ts';

/** A server that was not the one we meant to call, for the audit. Its chain was in order, or it would not be judged. */
export interface ServerRefusal {
  readonly target: string;
  /** The service that should have answered. */
  readonly expected: string;
  /** The URI names in the certificate, as presented. */
  readonly presented: readonly string[];
  readonly reason: PeerReason;
}

/** What a server is judged by. */
export interface ServerRules {
  /** Plain name of the service that must answer. */
  readonly expected: string;
  /** Whose certificates are taken. */
  readonly servers: PeerTrust;
  readonly now: () => Date;
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/**
 * Judges the server after OpenSSL has verified its chain: the host name as on every connection, and then more.
 *
 * The host name alone would let every service of ours that can get hold of an address answer for another one; the
 * service name is what the call was meant for. A certificate without any extended key usage passes OpenSSL, not here.
 * @param checkName the check of the host name that every outgoing connection of ours makes.
 * @returns its certificate, or why it is refused.
 */
export function judgeServer(
  { expected, servers, now }: ServerRules,
  presented: HandshakeCertificate,
  checkName: () => Error | undefined,
): { readonly certificate: PeerCertificate } | { readonly reason: PeerReason; readonly presented: readonly string[] } {
  let certificate: PeerCertificate | undefined;
  try {
    certificate = parsePeerCertificate(presented.raw);
    checkServer(expected, certificate);
    if (checkName() !== undefined) throw new PeerRefused('name_mismatch');
    const fault = faultOfServer(certificate, servers, now());
    if (fault !== undefined) throw new PeerRefused(fault);
    return { certificate };
  } catch (refusal) {
    return { reason: reasonOf(refusal), presented: certificate?.uris ?? [] };
  }
}

function checkServer(expected: string, certificate: PeerCertificate): void {
  if (certificate.isCa) throw new PeerRefused('certificate_is_ca');
  if (!certificate.extendedKeyUsage.includes(SERVER_AUTH)) throw new PeerRefused('certificate_wrong_purpose');
  if (serviceOf(certificate) !== expected) throw new PeerRefused('identity_mismatch');
}

function reasonOf(refusal: unknown): PeerReason {
  // Whatever else went wrong went wrong in reading it. Nothing may be thrown here: this runs inside the handshake.
  return refusal instanceof PeerRefused ? refusal.reason : 'certificate_unreadable';
}
