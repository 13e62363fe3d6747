import type { X509Certificate } from 'node:crypto';
import type { DistinguishedName } from './distinguished-name.ts';

/** A certificate as a value: everything read from its DER, nothing from text printers. */
export interface PeerCertificate {
  readonly der: Buffer;
  /** `x5t#S256`: 43 characters, base64url. */
  readonly thumbprint: string;
  /** Upper-case hex. */
  readonly serialNumber: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** IPv4 dotted, IPv6 as in RFC 5952. */
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly key: { readonly type: 'EC' | 'RSA' | 'Ed25519' | 'other'; readonly bits: number; readonly curve?: string };
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isCa: boolean;
  /** Object identifiers; empty when the extension is absent. */
  readonly extendedKeyUsage: readonly string[];
  /** What OpenSSL said of the chain in the handshake: undefined when it verified, else its code such as CERT_HAS_EXPIRED. */
  readonly handshakeError: string | undefined;
}

export function parsePeerCertificate(_der: Uint8Array, _handshakeError?: string): PeerCertificate {
  throw new Error('not built yet');
}
export function issuedBy(_cert: PeerCertificate, _ca: Uint8Array | X509Certificate): boolean {
  throw new Error('not built yet');
}
