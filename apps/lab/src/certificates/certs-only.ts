import type { KeyObject } from 'node:crypto';
import { X509Certificate } from 'node:crypto';
import { decode, encode, isTagged, parts } from './der.ts';

/**
 * The certificates in a PKCS#7 message that holds nothing else, the one of this key first. RFC5272-4.1, RFC7030-4.2.3
 * @returns PEM, as a TLS peer sends them
 */
export function certificatesIn(message: Buffer, key: KeyObject): string {
  const [, content] = parts(decode(message));
  const signedData = parts(parts(content)[0]);
  const list = signedData.find((field) => isTagged(field, 0));
  const certificates = parts(list).map((der) => new X509Certificate(encode(der)));
  const own = certificates.filter((each) => each.checkPrivateKey(key));
  if (own.length === 0) throw new Error('none of the certificates is for this key');
  return [...own, ...certificates.filter((each) => !own.includes(each) && !isRoot(each))].map(String).join('');
}

const isRoot = (certificate: X509Certificate): boolean => certificate.checkIssued(certificate);
