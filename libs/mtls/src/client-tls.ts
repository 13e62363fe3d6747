import { checkServerIdentity } from 'node:tls';
import type { ConnectionOptions, PeerCertificate as NodePeerCertificate } from 'node:tls';
import type { LookupFunction } from 'node:net';
import { keyPairOf } from './identity-source.ts';
import type { IdentitySource } from './identity-source.ts';
import { localhostLookup } from './localhost-lookup.ts';
import type { NameResolution } from './localhost-lookup.ts';
import { parsePeerCertificate } from './peer-certificate.ts';
import { TLS_POLICY } from './tls-policy.ts';
import type { Trust } from './trust.ts';

/**
 * FAPI2-SP-FINAL-5.2.1-5 [TLS-11] [TLS-12]. Options of an outgoing connection, for `tls.connect`, `https` and the
 * `connect` of an undici dispatcher. The server must present a server certificate under `serverTrust` with the name that
 * was asked for. The identity is the one in force now: build the options again on `identity.onChange`.
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

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/**
 * Node's check of the name, after two demands of ours: the name stands in a subjectAltName (Node would take a common
 * name, RFC9525-6 does not), and the certificate was issued for servers (OpenSSL takes one that names no purpose).
 */
function checkServerName(hostname: string, certificate: NodePeerCertificate): Error | undefined {
  try {
    const { dnsNames, ipAddresses, extendedKeyUsage } = parsePeerCertificate(certificate.raw);
    if (dnsNames.length + ipAddresses.length === 0)
      return refusal(`${hostname}: the certificate has no alternative name`);
    if (!extendedKeyUsage.includes(SERVER_AUTH)) return refusal(`${hostname}: the certificate is not for servers`);
    return checkServerIdentity(hostname, certificate);
  } catch (cause) {
    return refusal(`${hostname}: the certificate cannot be read`, { cause });
  }
}

/** Under the code that Node gives its own refusals of a name: who tells a bad certificate from an outage goes by the code. */
function refusal(message: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(message, options), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}
