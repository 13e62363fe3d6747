import type { ServerOptions } from 'node:https';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { keyPairOf } from './identity-source.ts';
import type { IdentitySource } from './identity-source.ts';
import { HANDSHAKE_TIMEOUT_MS, TLS_POLICY } from './tls-policy.ts';
import type { Trust } from './trust.ts';

// A server follows its identity with `identity.onChange(() => server.setSecureContext(mtlsServerTls(identity, trust)))`:
// always the whole answer of the builder, for setSecureContext forgets what it is not given, and a forgotten `ca` means
// the public roots.

/**
 * RFC8705-6.1 [TLS-07]. Options of a listener for browsers: it sends no CertificateRequest, so nobody is asked to pick a
 * certificate.
 */
export function browserServerTls(identity: IdentitySource): ServerOptions {
  return { ...serverTls(identity), requestCert: false };
}

/**
 * RFC8446-4.3.2 [TLS-08], RFC8705-2.1 [TLS-09]. Options of a listener for clients with certificates. It asks for a
 * certificate and lets every answer through the handshake: the application judges certificate and verdict
 * (`socket.authorizationError`) with `judgeClientCertificate`, so that a refusal is an OAuth error with a reason and not
 * a torn socket.
 */
export function mtlsServerTls(identity: IdentitySource, clientTrust: Trust): ServerOptions {
  return { ...serverTls(identity), ca: clientTrust.pem, requestCert: true, rejectUnauthorized: false };
}

/** RFC8446-4.4.2.4 [TLS-10]. Options of an internal listener: without a certificate under `peers` there is no connection. */
export function internalServerTls(identity: IdentitySource, peers: Trust): SecureContextOptions & TlsOptions {
  return { ...serverTls(identity), ca: peers.pem, requestCert: true, rejectUnauthorized: true };
}

function serverTls(identity: IdentitySource) {
  return { ...TLS_POLICY, ...keyPairOf(identity), handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
}
