import type { ServerOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type {
  ConnectionOptions,
  PeerCertificate as NodePeerCertificate,
  SecureContextOptions,
  TlsOptions,
} from 'node:tls';
import type { IdentitySource } from './identity-source.ts';
import { localhostLookup } from './localhost-lookup.ts';
import type { NameResolution } from './localhost-lookup.ts';
import { parsePeerCertificate } from './peer-certificate.ts';
import { HANDSHAKE_TIMEOUT_MS, TLS_POLICY } from './tls-policy.ts';
import type { Trust } from './trust.ts';

// A server follows its identity with `identity.onChange(() => server.setSecureContext(mtlsServerTls(identity, trust)))`:
// always the whole answer of the builder, for setSecureContext forgets what it is not given, and a forgotten `ca` means
// the public roots.

/** Options of a listener for browsers: it sends no CertificateRequest, so nobody is asked to pick a certificate. */
export function browserServerTls(identity: IdentitySource): ServerOptions {
  return { ...serverTls(identity), requestCert: false };
}

/**
 * Options of a listener for clients with certificates. It asks for a certificate and lets every answer through the
 * handshake: the application judges it (`judgeClientCertificate`), so that a refusal is an OAuth error with a reason and
 * not a torn socket. Whoever reads `socket.authorized` here reads nothing.
 */
export function mtlsServerTls(identity: IdentitySource, clientTrust: Trust): ServerOptions {
  return { ...serverTls(identity), ca: clientTrust.pem, requestCert: true, rejectUnauthorized: false };
}

/** Options of an internal listener: without a certificate under `peers` there is no connection. */
export function internalServerTls(identity: IdentitySource, peers: Trust): SecureContextOptions & TlsOptions {
  return { ...serverTls(identity), ca: peers.pem, requestCert: true, rejectUnauthorized: true };
}

/**
 * Options of an outgoing connection, for `tls.connect`, `https` and the `connect` of an undici dispatcher. The server must
 * present a server certificate under `serverTrust` with the name that was asked for. The identity is the one in force now:
 * build the options again on `identity.onChange`.
 */
export function clientTls(options: {
  identity?: IdentitySource;
  serverTrust: Trust;
  names: NameResolution;
}): ConnectionOptions & { lookup?: LookupFunction } {
  const lookup = localhostLookup(options.names);
  return {
    ...TLS_POLICY,
    ca: options.serverTrust.pem,
    rejectUnauthorized: true,
    checkServerIdentity: checkServerName,
    ...(options.identity === undefined ? {} : keyPairOf(options.identity)),
    ...(lookup === undefined ? {} : { lookup }),
  };
}

function serverTls(identity: IdentitySource) {
  return { ...TLS_POLICY, ...keyPairOf(identity), handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
}

function keyPairOf(identity: IdentitySource): { cert: string; key: string } {
  const { certificatePem, keyPem } = identity.current();
  return { cert: certificatePem, key: keyPem };
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/**
 * Node's check of the name, after two demands of ours: the name stands in a subjectAltName (Node would take a common
 * name, RFC9525-6 does not), and the certificate was issued for servers (OpenSSL takes one that names no purpose).
 */
function checkServerName(hostname: string, certificate: NodePeerCertificate): Error | undefined {
  try {
    const { dnsNames, ipAddresses, extendedKeyUsage } = parsePeerCertificate(certificate.raw);
    if (dnsNames.length + ipAddresses.length === 0)
      return new Error(`${hostname}: the certificate has no alternative name`);
    if (!extendedKeyUsage.includes(SERVER_AUTH)) return new Error(`${hostname}: the certificate is not for servers`);
    return checkServerIdentity(hostname, certificate);
  } catch (cause) {
    return new Error(`${hostname}: the certificate cannot be read`, { cause });
  }
}
