import type { KeyObject, X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { PeerCertificate, Trust, TrustPurpose } from '@holdfast/mtls';
import { parseDn, parsePeerCertificate, sameDn } from '@holdfast/mtls';
import { EnrolmentRefused } from './enrolment-refused.ts';
import type { LeafConfig } from './leaf-config.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const USAGE: Readonly<Record<TrustPurpose, string>> = {
  web: SERVER_AUTH,
  participants: CLIENT_AUTH,
  services: CLIENT_AUTH,
};

export interface IssueExpectation {
  readonly leaf: LeafConfig;
  readonly key: KeyObject;
  readonly trust: Trust;
  readonly now: Date;
}

/** A certificate that was judged, as it goes to disk: leaf first, then its intermediates without the root. */
export interface Issued {
  readonly certificate: PeerCertificate;
  readonly certificatePem: string;
}

/**
 * RFC7030-4.2.3. Judges what the authority answered, before anything of it is written: our key, the names we asked for, the
 * purpose, an authority that our peers trust, and in force. Whoever stands in for the authority, or an authority that errs,
 * would otherwise take a running process off the network with one answer.
 *
 * @param answer the certificates of the answer, in no order that counts
 * @throws EnrolmentRefused
 */
export function checkIssued(answer: readonly X509Certificate[], expected: IssueExpectation): Issued {
  const { leaf, key, trust, now } = expected;
  const ours = answer.find((certificate) => certificate.checkPrivateKey(key));
  if (ours === undefined) throw new EnrolmentRefused('certificate_of_another_key');
  const certificate = parse(ours);
  if (certificate.isCa || !hasNames(certificate, leaf)) throw new EnrolmentRefused('certificate_with_other_names');
  if (!certificate.extendedKeyUsage.includes(USAGE[leaf.purpose]))
    throw new EnrolmentRefused('certificate_of_another_purpose');
  const chain = chainOf(ours, trust, now);
  if (chain === undefined) throw new EnrolmentRefused('certificate_of_another_authority');
  if (!isInForce(ours, now)) throw new EnrolmentRefused('certificate_not_in_force');
  return { certificate, certificatePem: [ours, ...chain].map(String).join('') };
}

function parse(certificate: X509Certificate): PeerCertificate {
  try {
    return parsePeerCertificate(certificate.raw);
  } catch (cause) {
    throw new EnrolmentRefused('answer_unreadable', undefined, { cause });
  }
}

/** Whether the certificate has exactly the names of this leaf: one more would be a name somebody else could be met under. */
export function hasNames(certificate: PeerCertificate, { subject, dns, uri }: LeafConfig): boolean {
  const { dnsNames, uris, ipAddresses, emailAddresses } = certificate;
  return (
    sameDn(certificate.subject, parseDn(subject)) &&
    isDeepStrictEqual([dnsNames, uris, ipAddresses, emailAddresses], [dns, uri, [], []])
  );
}

/** The authorities above a leaf, from the one that issued it up to but without the root; all of them from our own trust. */
function chainOf(leaf: X509Certificate, trust: Trust, now: Date): X509Certificate[] | undefined {
  const chain: X509Certificate[] = [];
  let below = leaf;
  while (chain.length < trust.certificates.length) {
    const issuer = issuerOf(below, trust);
    if (issuer === undefined || !isInForce(issuer, now)) return undefined;
    if (isRoot(issuer)) return chain;
    chain.push(issuer);
    below = issuer;
  }
  return undefined;
}

/** The authority of our trust that issued a certificate. */
export function issuerOf(certificate: X509Certificate, trust: Trust): X509Certificate | undefined {
  return trust.certificates.find(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );
}

const isRoot = (authority: X509Certificate): boolean => authority.checkIssued(authority);

/** Whether a certificate is valid at this moment. */
export const isInForce = ({ validFromDate, validToDate }: X509Certificate, now: Date): boolean =>
  now >= validFromDate && now <= validToDate;
