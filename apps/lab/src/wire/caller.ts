import type { LookupFunction } from 'node:net';
import { X509Certificate, createHash } from 'node:crypto';

/** A certificate with its private key, as the holder keeps it: leaf first, then what else goes into the Certificate message. */
export interface HeldCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Where calls go and whom this side trusts; the same for every caller of one stack. */
export interface Route {
  /** PEM of the roots the *server* must chain to. */
  readonly serverTrust: string;
  readonly lookup?: LookupFunction;
}

/** One party on the wire: a name for the reader, and the certificate it shows, if any. */
export interface Caller {
  readonly name: string;
  readonly route: Route;
  readonly certificate?: HeldCertificate;
  /** False for a client that would sign with any key, however short; ordinary ones refuse before anything is sent. */
  readonly mindsShortKeys?: boolean;
}

/** `x5t#S256` of the first certificate of a PEM text: SHA-256 over the DER, base64url, 43 characters. RFC8705-3.1 */
export function thumbprintOf(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
}
