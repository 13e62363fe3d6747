import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { MtlsConfigError } from './config-error.ts';

/** What puts the material of this machine in order, whatever is wrong with it. */
export const MAKE_PKI =
  'run `npm start`, which makes and renews the PKI, or `node --conditions=@holdfast/source tools/pki/main.ts ensure`';

const BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM text, in order, at least one.
 * @param file name for the error message
 * @throws MtlsConfigError for an empty text, DER, a block cut short, or a private key among the certificates
 */
export function readPemCertificates(text: string, file: string): X509Certificate[] {
  if (text.trim() === '') throw new MtlsConfigError(`${file} is empty`, MAKE_PKI);
  // A public file is copied and mounted freely; a key that slipped into it is a key given away.
  if (text.includes('PRIVATE KEY')) {
    throw new MtlsConfigError(
      `${file} holds a private key beside certificates`,
      `treat that key as lost, then ${MAKE_PKI}`,
    );
  }
  const blocks = Array.from(text.matchAll(BLOCK), ([, base64]) => base64 ?? '');
  const begun = text.split('-----BEGIN').length - 1;
  if (begun === 0)
    throw new MtlsConfigError(`${file} is not PEM (is it DER?)`, 'convert it: openssl x509 -inform DER -outform PEM');
  if (begun !== blocks.length)
    throw new MtlsConfigError(`${file} is cut short or holds something else than certificates`, MAKE_PKI);
  return blocks.map((base64) => readBlock(base64, file));
}

function readBlock(base64: string, file: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch (cause) {
    throw new MtlsConfigError(`${file} holds a certificate that cannot be read`, MAKE_PKI, { cause });
  }
}

/** Reads a text file of key or trust material; a missing file is told with the remedy. */
export function readMaterial(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new MtlsConfigError(`${file} does not exist`, MAKE_PKI, { cause });
    throw new MtlsConfigError(`${file} cannot be read (${code ?? 'unknown'})`, 'let the user of this process read it', {
      cause,
    });
  }
}

/** Certificates as one PEM text without any words between them: what was checked is what is used. */
export function toPem(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join('');
}
