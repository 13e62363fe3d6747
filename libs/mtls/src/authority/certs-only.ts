import { X509Certificate } from 'node:crypto';
import { CertificateError } from '../certificate-error.ts';
import { childrenOf, expectTag, readDer, readOid, TAG } from '../der.ts';
import { explicit, implicitConstructed, integer, oid, raw, sequence, set, toDer } from './asn1.ts';

// Certificates in a SignedData that nobody has signed: how RFC 7030 carries them. [RFC5652-5.1] [RFC7030-4.1.3]

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const DATA = '1.2.840.113549.1.7.1';
const CONTEXT_0 = 0xa0;

/** @param certificates in the order they are to be read: an unsigned SignedData need not be sorted as DER would */
export function writeCertsOnly(certificates: readonly X509Certificate[]): Buffer {
  const signedData = sequence(
    integer(1),
    set(),
    sequence(oid(DATA)),
    implicitConstructed(0, ...certificates.map((certificate) => raw(certificate.raw))),
    set(),
  );
  return toDer(sequence(oid(SIGNED_DATA), explicit(0, signedData)));
}

/**
 * The certificates of a certs-only SignedData, in their order, at least one. They are as good as the channel they came over: who
 * takes a leaf from it checks its key and its chain.
 * @throws CertificateError when it is anything else, a signature or a content in it included
 */
export function readCertsOnly(der: Buffer): X509Certificate[] {
  const [type, content, ...more] = childrenOf(expectTag(readDer(der), TAG.sequence, 'content info'));
  if (readOid(type) !== SIGNED_DATA || more.length > 0) throw unreadable('not a SignedData');
  const [signedData, ...others] = childrenOf(expectTag(content, CONTEXT_0, 'signed data'));
  if (others.length > 0) throw unreadable('more than one SignedData');
  const parts = childrenOf(expectTag(signedData, TAG.sequence, 'signed data'));
  const [version, digests, inner, certificates, signers] = parts;
  const isEmpty = [digests, signers].every((part) => expectTag(part, TAG.set, 'set').content.length === 0);
  const isVersion1 = expectTag(version, TAG.integer, 'version').content.equals(Buffer.of(1));
  const [innerType, ...innerContent] = childrenOf(expectTag(inner, TAG.sequence, 'content'));
  if (!isVersion1 || !isEmpty || parts.length !== 5 || readOid(innerType) !== DATA || innerContent.length > 0)
    throw unreadable('not certificates alone');
  const read = childrenOf(expectTag(certificates, CONTEXT_0, 'certificates')).map((one) => readCertificate(one.der));
  if (read.length === 0) throw unreadable('no certificate in it');
  return read;
}

function readCertificate(der: Buffer): X509Certificate {
  try {
    const certificate = new X509Certificate(der);
    if (certificate.raw.equals(der)) return certificate;
  } catch (cause) {
    throw new CertificateError('unreadable', 'OpenSSL cannot read a certificate in it', { cause });
  }
  throw unreadable('a certificate is not in the one spelling of DER');
}

const unreadable = (detail: string): CertificateError => new CertificateError('unreadable', detail);
