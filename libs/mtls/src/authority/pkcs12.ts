import { createHmac, hash, X509Certificate } from 'node:crypto';
import { integer, implicit, explicit, nothing, octets, oid, sequence, set, text, toDer } from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import type { Leaf } from './issue.ts';
import { encrypt, ITERATIONS } from './password-encryption.ts';
import type { PasswordLock } from './password-encryption.ts';
import { pkcs12Key } from './pkcs12-key.ts';

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
};

export interface Pkcs12Request extends PasswordLock {
  /** What a browser's list of certificates shows. */
  readonly name: string;
}

/**
 * A leaf with its key and chain as one password-protected file for browsers and HTTP tools: AES-256 and PBKDF2-SHA-256 for the
 * contents, HMAC-SHA-256 over all of it; triple DES and SHA-1 for readers that know nothing else. forge's own writer seals with
 * SHA-1 alone and knows no EC key. [RFC7292-4]
 * @throws TypeError for an empty password
 */
export function toPkcs12(leaf: Leaf, request: Pkcs12Request): Buffer {
  if (request.password === '') throw new TypeError('a PKCS#12 file without a password is a key without a lock');
  const keyId = Buffer.from(hash('sha256', leaf.certificate.raw, 'buffer')).subarray(0, 20);
  const attributes = set(
    attribute(OID.friendlyName, text('bmp', request.name)),
    attribute(OID.localKeyId, octets(keyId)),
  );
  const [own, ...chain] = certificatesOf(leaf.certificatePem);
  const certificates = [certBag(own ?? leaf.certificate, attributes), ...chain.map((one) => certBag(one))];
  const safe = toDer(
    sequence(
      encryptedContent(sequence(...certificates), request),
      plainContent(sequence(keyBag(leaf, attributes, request))),
    ),
  );
  return toDer(sequence(integer(3), dataContent(safe), macOver(safe, request)));
}

function certificatesOf(pem: string): X509Certificate[] {
  return pem
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter((block) => block !== '')
    .map((block) => new X509Certificate(block));
}

function attribute(type: string, value: Asn1): Asn1 {
  return sequence(oid(type), set(value));
}

function certBag(certificate: X509Certificate, attributes?: Asn1): Asn1 {
  const value = sequence(oid(OID.x509Certificate), explicit(0, octets(certificate.raw)));
  return sequence(oid(OID.certBag), explicit(0, value), attributes);
}

function keyBag(leaf: Leaf, attributes: Asn1, request: Pkcs12Request): Asn1 {
  const plain = leaf.key.export({ type: 'pkcs8', format: 'der' });
  const { algorithm, encrypted } = encrypt(plain, request);
  return sequence(oid(OID.shroudedKeyBag), explicit(0, sequence(algorithm, octets(encrypted))), attributes);
}

function plainContent(value: Asn1): Asn1 {
  return dataContent(toDer(value));
}

function dataContent(content: Buffer): Asn1 {
  return sequence(oid(OID.data), explicit(0, octets(content)));
}

function encryptedContent(value: Asn1, request: Pkcs12Request): Asn1 {
  const { algorithm, encrypted } = encrypt(toDer(value), request);
  const info = sequence(oid(OID.data), algorithm, implicit(0, encrypted));
  return sequence(oid(OID.encryptedData), explicit(0, sequence(integer(0), info)));
}

function macOver(content: Buffer, { password, random, strength, iterations = ITERATIONS }: Pkcs12Request): Asn1 {
  const [digest, length] = strength === 'legacy' ? (['sha1', 20] as const) : (['sha256', 32] as const);
  const salt = random(16);
  const key = pkcs12Key({ password, salt, purpose: 'mac', iterations, length, digest });
  const mac = createHmac(digest, key).update(content).digest();
  return sequence(sequence(sequence(oid(OID[digest]), nothing()), octets(mac)), octets(salt), integer(iterations));
}
