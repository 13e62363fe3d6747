import { createHash } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { nothing, octets, oid, sequence, hexInteger } from '../authority/asn1.ts';
import type { Asn1 } from '../authority/asn1.ts';
import { publicKeyBits } from '../authority/key-pair.ts';
import { CertificateError } from '../certificate-error.ts';
import { plainSerial } from '../certificate-revocation-list.ts';
import { childrenOf, expectTag, readDer, readOid, TAG } from '../der.ts';
import type { DerValue } from '../der.ts';

/** Which certificate is meant: hashes of its authority's name and key, and its serial number. [RFC6960-4.1.1] */
export interface CertificateId {
  readonly hash: 'sha1' | 'sha256';
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  /** Upper-case hex, without leading zeros. */
  readonly serialNumber: string;
}

/** SHA-1 names here and protects nothing: what is asked for in it is compared, not trusted. [RFC6960-4.3] */
const HASHES: Readonly<Record<string, CertificateId['hash']>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
};

const subjectOf = (authority: X509Certificate): Buffer => {
  const [tbs] = childrenOf(readDer(authority.raw));
  const subject = tbs === undefined ? undefined : childrenOf(tbs)[5];
  if (subject === undefined) throw new CertificateError('unreadable', 'not a version 3 certificate');
  return subject.der;
};

export function certificateId(
  authority: X509Certificate,
  serialNumber: string,
  hash: CertificateId['hash'] = 'sha256',
): CertificateId {
  const digest = (content: Buffer): Buffer => createHash(hash).update(content).digest();
  return {
    hash,
    issuerNameHash: digest(subjectOf(authority)),
    issuerKeyHash: digest(publicKeyBits(authority.publicKey)),
    serialNumber: plainSerial(serialNumber),
  };
}

export function sameCertificateId(a: CertificateId, b: CertificateId): boolean {
  return (
    a.hash === b.hash &&
    a.serialNumber === b.serialNumber &&
    a.issuerNameHash.equals(b.issuerNameHash) &&
    a.issuerKeyHash.equals(b.issuerKeyHash)
  );
}

/** Whether the certificate that is meant is one of this authority. */
export const isOf = (id: CertificateId, authority: X509Certificate): boolean =>
  sameCertificateId(id, certificateId(authority, id.serialNumber, id.hash));

export function encodeCertificateId({ hash, issuerNameHash, issuerKeyHash, serialNumber }: CertificateId): Asn1 {
  const [algorithm = ''] = Object.entries(HASHES).find(([, name]) => name === hash) ?? [];
  return sequence(
    sequence(oid(algorithm), nothing()),
    octets(issuerNameHash),
    octets(issuerKeyHash),
    hexInteger(serialNumber),
  );
}

export function readCertificateId(value: DerValue | undefined): CertificateId {
  const [algorithm, name, key, serial, ...more] = childrenOf(expectTag(value, TAG.sequence, 'certificate id'));
  const hash = HASHES[readOid(childrenOf(expectTag(algorithm, TAG.sequence, 'hash algorithm'))[0])];
  if (hash === undefined || more.length > 0) throw new CertificateError('unreadable', 'a hash we do not know');
  return {
    hash,
    issuerNameHash: expectTag(name, TAG.octetString, 'name hash').content,
    issuerKeyHash: expectTag(key, TAG.octetString, 'key hash').content,
    serialNumber: plainSerial(expectTag(serial, TAG.integer, 'serial number').content.toString('hex')),
  };
}
