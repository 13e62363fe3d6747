import { CertificateError } from './certificate-error.ts';
import type { CertificateRevocationList } from './certificate-revocation-list.ts';
import { plainSerial, readRevocationList } from './certificate-revocation-list.ts';
import { MtlsConfigError } from './config-error.ts';
import { isSelfSigned, issuedBy } from './peer-certificate.ts';
import type { PeerCertificate, RevocationStatus } from './peer-certificate.ts';
import { MAKE_PKI, readMaterial } from './pem-certificates.ts';
import type { Trust } from './trust.ts';

/** Says of a certificate whether its authority has taken it back. */
export interface Revocations {
  /**
   * @param now a list past its time says nothing: then nobody's status is known
   * @returns `good` also for what no authority of ours issued: whether that is good for anything is judged elsewhere
   */
  statusOf(cert: PeerCertificate, now: Date): RevocationStatus;
}

export interface RevocationSource extends Revocations {
  /** Stops following the file. */
  close(): void;
}

/** How often the file is read again, in milliseconds; within the two seconds a revocation may take. */
const EVERY = 500;

/**
 * Loads the revocation lists of an authority and follows their file while the process runs. A list that cannot be used
 * leaves the old one in force until that runs out, and then nobody is let in.
 *
 * @param file PEM: one list or several
 * @param trust the authorities whose lists count
 * @throws MtlsConfigError when the first reading fails: without a list nothing would ever be revoked
 */
export function loadRevocations(file: string, trust: Trust, everyMs = EVERY): RevocationSource {
  let text = readMaterial(file);
  let lists = readLists(text, file, trust);
  const timer = setInterval(() => {
    try {
      const next = readMaterial(file);
      if (next === text) return;
      lists = readLists(next, file, trust);
      text = next;
    } catch (error) {
      if (!(error instanceof MtlsConfigError)) throw error;
    }
  }, everyMs).unref();
  return { statusOf: (cert, now) => statusIn(lists, cert, now), close: () => clearInterval(timer) };
}

function statusIn(lists: readonly CertificateRevocationList[], cert: PeerCertificate, now: Date): RevocationStatus {
  // Nobody can take back what nobody issued; its registration can be removed.
  if (isSelfSigned(cert)) return 'good';
  const own = lists.filter(({ authority }) => issuedBy(cert, authority));
  if (own.some(({ revoked }) => revoked.has(plainSerial(cert.serialNumber)))) return 'revoked';
  return own.every(({ nextUpdate }) => now < nextUpdate) ? 'good' : 'unknown';
}

function readLists(pem: string, file: string, trust: Trust): readonly CertificateRevocationList[] {
  const blocks = pem.match(/-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/g) ?? [];
  if (blocks.length === 0) throw new MtlsConfigError(`${file} holds no certificate revocation list`, MAKE_PKI);
  try {
    return blocks.map((block) => readRevocationList(derOf(block), trust.certificates));
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    throw new MtlsConfigError(`${file}: ${cause.message}`, MAKE_PKI, { cause });
  }
}

const derOf = (block: string): Buffer => Buffer.from(block.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
