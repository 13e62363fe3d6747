import { CertificateError } from './certificate-error.ts';
import type { CertificateRevocationList } from './certificate-revocation-list.ts';
import { plainSerial, readRevocationList } from './certificate-revocation-list.ts';
import { MtlsConfigError } from './config-error.ts';
import { isSelfSigned, issuedBy } from './peer-certificate.ts';
import type { PeerCertificate, RevocationStatus } from './peer-certificate.ts';
import { MAKE_PKI } from './pem-certificates.ts';
import { isRoot } from './trust.ts';
import type { Trust } from './trust.ts';

/** Says of a certificate whether its authority has taken it back. */
export interface Revocations {
  /** Counts up with every change of what is revoked. */
  readonly version: number;
  /**
   * @param now the moment of the question: a list past its time says nothing, and then nobody's status is known
   * @returns `unknown` also for what no authority of ours issued; a self-signed certificate is `good`, since nobody can take
   *   back what nobody issued: its registration can be removed
   */
  statusOf(cert: PeerCertificate, now: Date): RevocationStatus;
  /** Calls `listener` after every change; the answer unsubscribes. */
  onChange(listener: () => void): () => void;
}

/** What the lists say of one certificate. */
interface Standing {
  readonly revoked: boolean;
  /** Milliseconds since the epoch until which the lists speak of it; before all time when none does. */
  readonly until: number;
}

/** Before the end of every list. */
const LONG_AGO = new Date(0);

/** The lists of the authorities of one door, verified, and remembered per certificate: one set of lists never changes its word. */
export class RevocationLists {
  readonly all: readonly CertificateRevocationList[];
  readonly #known = new WeakMap<PeerCertificate, Standing>();

  constructor(all: readonly CertificateRevocationList[]) {
    this.all = all;
  }

  /** Milliseconds since the epoch at which the first of them runs out. */
  get nextUpdate(): number {
    return Math.min(...this.all.map(({ nextUpdate }) => nextUpdate.getTime()));
  }

  statusOf(cert: PeerCertificate, now: Date): RevocationStatus {
    if (isSelfSigned(cert)) return 'good';
    const { revoked, until } = this.#standingOf(cert);
    if (revoked) return 'revoked';
    return now.getTime() < until ? 'good' : 'unknown';
  }

  /** What the lists said last, however long ago that was. */
  lastWordOn(cert: PeerCertificate): RevocationStatus {
    return this.statusOf(cert, LONG_AGO);
  }

  #standingOf(cert: PeerCertificate): Standing {
    const known = this.#known.get(cert);
    if (known !== undefined) return known;
    const own = this.all.find(({ authority }) => issuedBy(cert, authority));
    const revoked = own?.revoked.has(plainSerial(cert.serialNumber)) ?? false;
    const standing = { revoked, until: own?.nextUpdate.getTime() ?? -Infinity };
    this.#known.set(cert, standing);
    return standing;
  }
}

/**
 * Reads the lists of a door: one of each authority that issues leaves, since what has no list could never be revoked.
 * @param text PEM
 * @param file what its problems are reported under
 * @throws MtlsConfigError when one cannot be read, is signed by nobody in `trust`, is there twice or is missing
 */
export function readRevocationLists(text: string, file: string, trust: Trust): RevocationLists {
  const blocks = text.match(/-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/g) ?? [];
  if (blocks.length === 0) throw new MtlsConfigError(`${file} holds no certificate revocation list`, MAKE_PKI);
  const lists = blocks.map((block) => readBlock(block, file, trust));
  for (const authority of trust.certificates.filter((certificate) => !isRoot(certificate))) {
    const own = lists.filter((list) => list.authority === authority);
    if (own.length === 1) continue;
    const name = authority.subject.replaceAll('\n', ', ');
    throw new MtlsConfigError(`${file} holds ${own.length} revocation lists of "${name}" instead of one`, MAKE_PKI);
  }
  return new RevocationLists(lists);
}

function readBlock(block: string, file: string, trust: Trust): CertificateRevocationList {
  try {
    const der = Buffer.from(block.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    return readRevocationList(der, trust.certificates);
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    throw new MtlsConfigError(`${file}: ${cause.message}`, MAKE_PKI, { cause });
  }
}
