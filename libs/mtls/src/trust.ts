import type { X509Certificate } from 'node:crypto';
import { MtlsConfigError } from './config-error.ts';
import { MAKE_PKI, readMaterial, readPemCertificates, toPem } from './pem-certificates.ts';

/** The certification authorities one door trusts: never empty. */
export interface Trust {
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

/**
 * Loads a bundle of certification authorities at start-up. An empty bundle would silently mean "the public roots", and a
 * leaf in it could vouch for itself, so both are refused here and never reach TLS.
 * @param file PEM: a root and its intermediates
 * @throws MtlsConfigError for a missing, empty, truncated or DER file, a leaf, or nothing in force
 */
export function loadTrust(file: string, now: Date = new Date()): Trust {
  const certificates = readPemCertificates(readMaterial(file), file);
  const leaf = certificates.find((certificate) => !certificate.ca);
  if (leaf !== undefined) {
    throw new MtlsConfigError(
      `${file} holds "${oneLine(leaf.subject)}", which is not a certification authority`,
      MAKE_PKI,
    );
  }
  checkRootInForce(certificates, file, now);
  return { pem: toPem(certificates), certificates };
}

function checkRootInForce(certificates: readonly X509Certificate[], file: string, now: Date): void {
  const roots = certificates.filter((certificate) => certificate.checkIssued(certificate));
  if (roots.length === 0) throw new MtlsConfigError(`${file} holds no root, only intermediates`, MAKE_PKI);
  if (roots.some(({ validFromDate, validToDate }) => now >= validFromDate && now <= validToDate)) return;
  if (roots.every(({ validFromDate }) => now < validFromDate)) {
    throw new MtlsConfigError(
      `${file}: no root is valid yet at ${now.toISOString()}`,
      'set the clock of this machine right',
    );
  }
  throw new MtlsConfigError(`${file}: every root has expired`, `remove the PKI (\`npm run reset\`) and ${MAKE_PKI}`);
}

/** For a message only; never compared. */
function oneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}
