import type { X509Certificate } from 'node:crypto';
import { readCertificateStructure } from './certificate-structure.ts';
import type { CertificateStructure } from './certificate-structure.ts';
import { childrenOf, expectTag, readDer, readOid, TAG } from './der.ts';
import { sameDn } from './distinguished-name.ts';
import { readByOpenSsl } from './peer-certificate.ts';
import { hasStrongSignature } from './signature-hash.ts';
import type { Trust } from './trust.ts';

/**
 * Judges the chain of a client certificate that somebody else's TLS ended: again, from nothing but the bytes, because a proxy
 * that passes on what it has not verified is not told from one that has. RFC9440-4 [EDGE-04], RFC5280-6.1.
 *
 * It walks as OpenSSL does in a handshake, and answers in its words, so that whatever is decided afterwards is the same whoever
 * ended TLS: trusted certificates before presented ones, up to a root of `trust`; then extensions, strength, signatures and times
 * from the root down to the leaf; of several faults the last one found. It is stricter in two respects: name constraints, and
 * critical extensions that are not read here, are refused instead of being understood.
 *
 * @param leaf DER
 * @param intermediates DER of what the client presented beside its leaf; in any order, and with anything among them
 * @param trust the authorities of this door
 * @param now the moment of the request
 * @returns undefined when the chain is good, else what `socket.authorizationError` would have been, such as CERT_HAS_EXPIRED
 * @throws CertificateError for bytes that are no certificate
 */
export function verifyClientChain(
  leaf: Uint8Array,
  intermediates: readonly Uint8Array[],
  trust: Trust,
  now: Date,
): string | undefined {
  const presented = intermediates.map(readLink);
  const trusted = trust.certificates.map(({ raw }) => readLink(raw));
  const { links, anchored } = buildPath(readLink(leaf), trusted, presented, now);
  const faults = [
    ...faultsOfEnd(links, anchored, trusted),
    ...faultsOfExtensions(links),
    ...faultsOfStrength(links),
    ...faultsOfSignaturesAndTimes(links, now),
  ];
  return faults.at(-1);
}

const SUBJECT_KEY = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const NAME_CONSTRAINTS = '2.5.29.30';
const AUTHORITY_KEY = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** One certificate of a chain, read by OpenSSL and by structure. */
interface Link {
  readonly x509: X509Certificate;
  readonly structure: CertificateStructure;
}

interface Path {
  /** The leaf first. */
  readonly links: readonly Link[];
  /** Whether it ends at a root of the trust. */
  readonly anchored: boolean;
}

function readLink(der: Uint8Array): Link {
  const bytes = Buffer.from(der);
  return { structure: readCertificateStructure(bytes), x509: readByOpenSsl(bytes) };
}

/** Each certificate is taken once, so a circle of cross-signed authorities ends. */
function buildPath(leaf: Link, trusted: readonly Link[], presented: readonly Link[], now: Date): Path {
  const links = [leaf];
  for (;;) {
    const last = links[links.length - 1] as Link;
    if (isSelfSigned(last)) return { links, anchored: trusted.some((root) => isSame(root, last)) };
    const isNew = (candidate: Link): boolean => !links.some((link) => isSame(link, candidate));
    const issuer = issuerAmong(trusted.filter(isNew), last, now) ?? issuerAmong(presented.filter(isNew), last, now);
    if (issuer === undefined) return { links, anchored: false };
    links.push(issuer);
  }
}

/** Of several that may have issued it, one in force; of none in force, the one that was longest. */
function issuerAmong(candidates: readonly Link[], issued: Link, now: Date): Link | undefined {
  const issuers = candidates.filter((candidate) => namesIssuer(issued.structure, candidate.structure));
  const latest = issuers.toSorted((one, other) => other.x509.validToDate.getTime() - one.x509.validToDate.getTime());
  return issuers.find((issuer) => faultsOfTime(issuer.x509, now).length === 0) ?? latest[0];
}

/** By its name, and by its key where both say which. Whether it signed is asked of the path that comes of it. */
function namesIssuer(issued: CertificateStructure, issuer: CertificateStructure): boolean {
  if (!sameDn(issued.issuer, issuer.subject)) return false;
  const [named, own] = [authorityKeyOf(issued), subjectKeyOf(issuer)];
  return named === undefined || own === undefined || named.equals(own);
}

function authorityKeyOf({ extensions }: CertificateStructure): Buffer | undefined {
  const extension = extensions.get(AUTHORITY_KEY);
  if (extension === undefined) return undefined;
  const parts = childrenOf(expectTag(readDer(extension), TAG.sequence, 'authority key identifier'));
  return parts.find(({ tag }) => tag === 0x80)?.content;
}

function subjectKeyOf({ extensions }: CertificateStructure): Buffer | undefined {
  const extension = extensions.get(SUBJECT_KEY);
  return extension && expectTag(readDer(extension), TAG.octetString, 'subject key identifier').content;
}

const isSame = (one: Link, other: Link): boolean => one.x509.raw.equals(other.x509.raw);

function isSelfSigned({ x509, structure }: Link): boolean {
  return sameDn(structure.subject, structure.issuer) && verifies(x509, x509);
}

/** A key that this OpenSSL cannot read has signed nothing. */
function verifies(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function faultsOfEnd(links: readonly Link[], anchored: boolean, trusted: readonly Link[]): string[] {
  if (anchored) return [];
  const last = links[links.length - 1] as Link;
  if (isSelfSigned(last)) return [links.length === 1 ? 'DEPTH_ZERO_SELF_SIGNED_CERT' : 'SELF_SIGNED_CERT_IN_CHAIN'];
  if (links.length === 1) return ['UNABLE_TO_VERIFY_LEAF_SIGNATURE'];
  const reachedTrust = trusted.some((each) => isSame(each, last));
  return [reachedTrust ? 'UNABLE_TO_GET_ISSUER_CERT' : 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'];
}

/** RFC5280-4.2: what is critical and not understood refuses the certificate. */
const UNDERSTOOD: ReadonlySet<string> = new Set([KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, SUBJECT_ALT_NAME]);

function faultsOfExtensions(links: readonly Link[]): string[] {
  // Authorities between this link and the leaf that are not issued by themselves. RFC5280-4.2.1.9.
  let between = 0;
  return links.flatMap((link, depth) => {
    const { x509, structure } = link;
    const faults = [
      ...(hasUnreadLimits(structure) ? ['UNSPECIFIED'] : []),
      ...(depth > 0 && !x509.ca ? ['INVALID_CA'] : []),
      ...(isForClients(link, depth) ? [] : ['INVALID_PURPOSE']),
      ...(depth > 1 && between > pathLengthOf(structure) ? ['PATH_LENGTH_EXCEEDED'] : []),
    ];
    if (depth > 0 && !sameDn(structure.subject, structure.issuer)) between++;
    return faults;
  });
}

function hasUnreadLimits({ critical, extensions }: CertificateStructure): boolean {
  return extensions.has(NAME_CONSTRAINTS) || [...critical].some((oid) => !UNDERSTOOD.has(oid));
}

/** An extended key usage limits whatever is below it as well; without one nothing is limited. */
function isForClients({ x509, structure }: Link, depth: number): boolean {
  const usages = structure.extensions.get(EXTENDED_KEY_USAGE);
  if (usages !== undefined && !oidsIn(usages).includes(CLIENT_AUTH)) return false;
  return depth > 0 ? x509.ca : mayUseKeyFor(structure, DIGITAL_SIGNATURE | KEY_AGREEMENT);
}

const oidsIn = (extension: Buffer): string[] =>
  childrenOf(expectTag(readDer(extension), TAG.sequence, 'extended key usage')).map(readOid);

const DIGITAL_SIGNATURE = 0x80;
const KEY_AGREEMENT = 0x08;
const CERTIFICATE_SIGNATURE = 0x04;

/** RFC5280-4.2.1.3: without a key usage, everything. */
function mayUseKeyFor({ extensions }: CertificateStructure, uses: number): boolean {
  const extension = extensions.get(KEY_USAGE);
  if (extension === undefined) return true;
  const [, bits = 0] = expectTag(readDer(extension), TAG.bitString, 'key usage').content;
  return (bits & uses) !== 0;
}

function pathLengthOf({ extensions }: CertificateStructure): number {
  const extension = extensions.get(BASIC_CONSTRAINTS);
  if (extension === undefined) return Infinity;
  const [, length] = childrenOf(expectTag(readDer(extension), TAG.sequence, 'basic constraints'));
  return length === undefined ? Infinity : Number.parseInt(length.content.toString('hex'), 16);
}

/** Of the trust anchor the key alone counts: nobody has to believe its signature. Node has no word for these two. */
function faultsOfStrength(links: readonly Link[]): string[] {
  const weak = links.some(
    ({ x509 }, depth) => !hasStrongKey(x509) || (depth + 1 < links.length && !hasStrongSignature(x509)),
  );
  return weak ? ['UNSPECIFIED'] : [];
}

/** Level 2 of OpenSSL: what takes 2^112 steps to break. The key of the leaf is judged again, and harder, with the certificate. */
function hasStrongKey(x509: X509Certificate): boolean {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = x509.publicKey;
    if (type === 'rsa' || type === 'rsa-pss') return (details?.modulusLength ?? 0) >= 2048;
    if (type === 'ec') return STRONG_CURVES.has(details?.namedCurve ?? '');
    return type === 'ed25519' || type === 'ed448';
  } catch {
    return false;
  }
}

const STRONG_CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** From the root to the leaf. */
function faultsOfSignaturesAndTimes(links: readonly Link[], now: Date): string[] {
  return links.toReversed().flatMap(({ x509 }, down) => {
    const issuer = links[links.length - down];
    return [...(issuer === undefined ? [] : faultsOfSignature(x509, issuer)), ...faultsOfTime(x509, now)];
  });
}

function faultsOfSignature(x509: X509Certificate, issuer: Link): string[] {
  return [
    ...(mayUseKeyFor(issuer.structure, CERTIFICATE_SIGNATURE) ? [] : ['UNSPECIFIED']),
    ...(verifies(x509, issuer.x509) ? [] : ['CERT_SIGNATURE_FAILURE']),
  ];
}

function faultsOfTime({ validFromDate, validToDate }: X509Certificate, now: Date): string[] {
  // Written so that a date that could not be read (NaN) is refused as well.
  return [...(now >= validFromDate ? [] : ['CERT_NOT_YET_VALID']), ...(now <= validToDate ? [] : ['CERT_HAS_EXPIRED'])];
}
