import { createPrivateKey } from 'node:crypto';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { MtlsConfigError } from './config-error.ts';
import { parsePeerCertificate } from './peer-certificate.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { MAKE_PKI, readPemCertificates, toPem } from './pem-certificates.ts';
import { thumbprint } from './thumbprint.ts';

/** A leaf certificate with its intermediates and its private key, checked to belong together and to be in force. */
export interface Identity {
  /** The leaf first, then its intermediates. */
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly leaf: PeerCertificate;
  /** `x5t#S256` of the authority above the leaf; undefined when it came without one. */
  readonly issuer: string | undefined;
}

/** The texts of an identity and the names its problems are reported under. */
export interface IdentityMaterial {
  readonly certificate: { readonly file: string; readonly text: string };
  readonly key: { readonly file: string; readonly text: string };
}

/**
 * Checks that certificate, chain and key belong together and are in force at `now`.
 * @throws MtlsConfigError naming the one thing that is wrong
 */
export function checkIdentity({ certificate, key }: IdentityMaterial, now: Date): Identity {
  const chain = readPemCertificates(certificate.text, certificate.file);
  const privateKey = readPrivateKey(key.text, key.file);
  const [leaf] = chain;
  if (leaf === undefined || leaf.ca) {
    throw new MtlsConfigError(`${certificate.file} begins with a certification authority, not with a leaf`, MAKE_PKI);
  }
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new MtlsConfigError(`${key.file} is not the key of ${certificate.file} (a half-made PKI)`, MAKE_PKI);
  }
  checkChain(chain, certificate.file);
  checkInForce(leaf, certificate.file, now);
  return Object.freeze({
    certificatePem: toPem(chain),
    keyPem: key.text,
    leaf: readLeaf(leaf, certificate.file),
    issuer: chain[1] && thumbprint(chain[1].raw),
  });
}

function readLeaf(leaf: X509Certificate, file: string): PeerCertificate {
  try {
    return parsePeerCertificate(leaf.raw);
  } catch (cause) {
    throw new MtlsConfigError(`${file} holds a certificate that our peers would refuse`, MAKE_PKI, { cause });
  }
}

function readPrivateKey(text: string, file: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new MtlsConfigError(`${file} holds no readable private key (PEM, not encrypted)`, MAKE_PKI, { cause });
  }
}

/** Each certificate after the first must have signed the one before: a wrong order is refused by some peers and not by others. */
function checkChain(chain: readonly X509Certificate[], file: string): void {
  for (const [at, issuer] of chain.slice(1).entries()) {
    const child = chain[at];
    if (child?.checkIssued(issuer) && child.verify(issuer.publicKey)) continue;
    throw new MtlsConfigError(`${file}: certificate ${at + 2} did not issue certificate ${at + 1}`, MAKE_PKI);
  }
}

function checkInForce(leaf: X509Certificate, file: string, now: Date): void {
  if (!(now <= leaf.validToDate)) {
    throw new MtlsConfigError(`${file} expired at ${leaf.validToDate.toISOString()}`, MAKE_PKI);
  }
  if (!(now >= leaf.validFromDate)) {
    const begins = leaf.validFromDate.toISOString();
    throw new MtlsConfigError(
      `${file} is valid from ${begins}, but the clock says ${now.toISOString()}`,
      'set the clock of this machine right',
    );
  }
}

/** A key every user of the machine can read is nobody's key. Group access stays possible, for secrets mounted into containers. */
export function checkKeyFileMode(file: string): void {
  const { mode } = statSync(file);
  if (process.platform === 'win32' || (mode & 0o007) === 0) return;
  throw new MtlsConfigError(`${file} can be read by every user of this machine`, `run: chmod 600 ${file}`);
}
