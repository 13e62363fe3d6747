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
  return readTrust(readMaterial(file), file, now);
}

/**
 * Reads a bundle from its text.
 * @param file what its problems are reported under
 * @throws MtlsConfigError as `loadTrust` does
 */
export function readTrust(text: string, file: string, now: Date): Trust {
  const certificates = readPemCertificates(text, file);
  const leaf = certificates.find((certificate) => !certificate.ca);
  if (leaf !== undefined) {
    throw new MtlsConfigError(
      `${file} holds "${oneLine(leaf.subject)}", which is not a certification authority`,
      MAKE_PKI,
    );
  }
  checkRootInForce(certificates, file, now);
  checkSignatures(certificates, file);
  return { pem: toPem(certificates), certificates };
}

function checkRootInForce(certificates: readonly X509Certificate[], file: string, now: Date): void {
  const roots = certificates.filter(isRoot);
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

/** Anybody can write the names of an authority; the bundle's own roots must have signed everything in it. */
function checkSignatures(certificates: readonly X509Certificate[], file: string): void {
  const forged = certificates.find(
    (certificate) => !certificates.some((by) => certificate.checkIssued(by) && certificate.verify(by.publicKey)),
  );
  if (forged === undefined) return;
  throw new MtlsConfigError(
    `${file} holds "${oneLine(forged.subject)}", which no root in it has signed: it is forged, or its root is missing`,
    MAKE_PKI,
  );
}

/** True for an authority that nobody above it has issued. */
export const isRoot = (certificate: X509Certificate): boolean => certificate.checkIssued(certificate);

/** For a message only; never compared. */
function oneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}
