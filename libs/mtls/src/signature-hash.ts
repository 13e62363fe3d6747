import type { X509Certificate } from 'node:crypto';
import { childrenOf, expectTag, readDer, readOid, TAG } from './der.ts';

const STRONG_SIGNATURES: ReadonlySet<string> = new Set([
  // ECDSA and RSA (PKCS#1 v1.5) with SHA-256, SHA-384, SHA-512; Ed25519 and Ed448.
  ...['2', '3', '4'].map((hash) => `1.2.840.10045.4.3.${hash}`),
  ...['11', '12', '13'].map((hash) => `1.2.840.113549.1.1.${hash}`),
  '1.3.101.112',
  '1.3.101.113',
]);

const RSA_PSS = '1.2.840.113549.1.1.10';
const STRONG_HASHES: ReadonlySet<string> = new Set(['1', '2', '3'].map((hash) => `2.16.840.1.101.3.4.2.${hash}`));

/** True when the certificate was signed over a hash in which nobody finds collisions: SHA-256 or better. [RFC9325-4.5] */
export function hasStrongSignature(certificate: X509Certificate): boolean {
  const { signatureAlgorithmOid } = certificate;
  if (signatureAlgorithmOid === RSA_PSS) return STRONG_HASHES.has(hashOfPss(certificate.raw));
  return STRONG_SIGNATURES.has(signatureAlgorithmOid);
}

/** RSASSA-PSS names its hash in its parameters, and means SHA-1 when it names none. [RFC4055-3.1] */
function hashOfPss(der: Buffer): string {
  const [, algorithm] = childrenOf(readDer(der));
  const [, parameters] = childrenOf(expectTag(algorithm, TAG.sequence, 'signature algorithm'));
  const [hash] = childrenOf(expectTag(parameters, TAG.sequence, 'parameters of the signature'));
  if (hash?.tag !== 0xa0) return 'SHA-1';
  const [identifier] = childrenOf(hash);
  return readOid(childrenOf(expectTag(identifier, TAG.sequence, 'hash'))[0]);
}
