import { parsePeerCertificate, thumbprint } from '@holdfast/mtls';
import type { PeerCertificate } from '@holdfast/mtls';

/** Callers remembered at most. Our choice, no clause: services are a handful, and each has a new certificate every few days. */
const REMEMBERED = 64;

/**
 * The certificates of callers, each read once: what a certificate says does not change while its connection lives, and what
 * was worked out about it is remembered with the value.
 */
export class KnownCallers {
  readonly #read = new Map<string, PeerCertificate>();

  /**
   * @param der the leaf of a verified handshake
   * @throws CertificateError when it cannot be read
   */
  read(der: Uint8Array): PeerCertificate {
    const key = thumbprint(der);
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const certificate = parsePeerCertificate(der);
    if (this.#read.size >= REMEMBERED) this.#read.clear();
    this.#read.set(key, certificate);
    return certificate;
  }

  some(which: (certificate: PeerCertificate) => boolean): boolean {
    return [...this.#read.values()].some(which);
  }
}
