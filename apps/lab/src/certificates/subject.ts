import { X509Certificate } from 'node:crypto';
import type { Der } from './der.ts';
import { content, decode, isTagged, oid, parts, sequence, set, taggedBytes, utf8 } from './der.ts';

/** Whom a certificate names: subject and subject alternative names, as DER, so that they can be copied byte by byte. */
export interface NamedParty {
  readonly subject: Der;
  readonly alternativeNames: Der | undefined;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
export const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const DNS_NAME = 2;
const URI = 6;
const IP_ADDRESS = 7;

/** A party by its names, for certificates of our own. */
export function party(names: {
  commonName: string;
  organization?: string;
  dnsNames?: readonly string[];
  uris?: readonly string[];
  /** Dotted IPv4 addresses. */
  ips?: readonly string[];
}): NamedParty {
  const attributes = [attribute(COMMON_NAME, names.commonName)];
  if (names.organization !== undefined) attributes.unshift(attribute(ORGANIZATION, names.organization));
  const alternatives = [
    ...(names.dnsNames ?? []).map((name) => taggedBytes(DNS_NAME, Buffer.from(name, 'ascii'))),
    ...(names.uris ?? []).map((uri) => taggedBytes(URI, Buffer.from(uri, 'ascii'))),
    ...(names.ips ?? []).map((ip) => taggedBytes(IP_ADDRESS, Uint8Array.from(ip.split('.').map(Number)))),
  ];
  return {
    subject: sequence(...attributes),
    alternativeNames: alternatives.length === 0 ? undefined : sequence(...alternatives),
  };
}

/**
 * The names in somebody else's certificate, copied bit for bit. A certificate is public: it is shown in every handshake,
 * so anybody may know its names, and anybody with a certificate authority of his own may write them down again.
 */
export function namesOf(certificatePem: string): NamedParty {
  const [tbs] = parts(decode(new X509Certificate(certificatePem).raw));
  const fields = parts(tbs);
  // version [0], serial, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions [3]. RFC5280-4.1
  const subject = fields[5];
  if (subject === undefined) throw new Error('the certificate has no subject');
  const extensionField = fields.find((field) => isTagged(field, 3));
  const extensions = extensionField === undefined ? [] : parts(parts(extensionField)[0]);
  const wanted = content(oid(SUBJECT_ALTERNATIVE_NAME));
  const extension = extensions.map(parts).find(([id]) => wanted !== undefined && content(id)?.equals(wanted) === true);
  const names = content(extension?.at(-1));
  return { subject, alternativeNames: names && decode(names) };
}

function attribute(type: string, value: string): Der {
  return set(sequence(oid(type), utf8(value)));
}
