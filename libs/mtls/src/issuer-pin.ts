import type { X509Certificate } from 'node:crypto';
import { issuedBy } from './peer-certificate.ts';
import type { PeerCertificate } from './peer-certificate.ts';

/**
 * The authority that vouches for somebody, by its key: another trusted authority can write any issuer name. Asked for every
 * certificate, so that it may follow an authority that is succeeded by another of its name. [RFC8705-7.4]
 */
export interface IssuerPin {
  hasIssued(cert: PeerCertificate): boolean;
}

/**
 * @param authorities those that count at the moment of each question; while one succeeds another there are two
 */
export const issuerPin = (authorities: () => readonly (X509Certificate | Uint8Array)[]): IssuerPin => ({
  hasIssued: (cert) => authorities().some((authority) => issuedBy(cert, authority)),
});
