import { CertificateError } from './certificate-error.ts';
import { childrenOf, expectTag, readDer, readOid, TAG } from './der.ts';
import type { DerValue } from './der.ts';
import { readName } from './distinguished-name.ts';
import type { DistinguishedName } from './distinguished-name.ts';

/** The parts of a certificate whose meaning text printers lose. */
export interface CertificateStructure {
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Values of the extensions by object identifier. */
  readonly extensions: ReadonlyMap<string, Buffer>;
  /** Object identifiers of those extensions that may not be overlooked. */
  readonly critical: ReadonlySet<string>;
}

const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;

/** Reads the outer structure of a certificate. [RFC5280-4.1] */
export function readCertificateStructure(der: Buffer): CertificateStructure {
  const [tbs, , , ...more] = childrenOf(expectTag(readDer(der), TAG.sequence, 'certificate'));
  if (more.length > 0) throw new CertificateError('unreadable', 'a certificate has three parts');
  const fields = childrenOf(expectTag(tbs, TAG.sequence, 'certificate body'));
  if (fields[0]?.tag === VERSION_TAG) fields.shift();
  const [serialNumber, , issuer, validity, subject, publicKey, ...optional] = fields;
  expectTag(serialNumber, TAG.integer, 'serial number');
  expectTag(validity, TAG.sequence, 'validity');
  expectTag(publicKey, TAG.sequence, 'public key');
  return {
    issuer: readName(expectTag(issuer, TAG.sequence, 'issuer')),
    subject: readName(expectTag(subject, TAG.sequence, 'subject')),
    ...readExtensions(optional.find(({ tag }) => tag === EXTENSIONS_TAG)),
  };
}

type Extensions = Pick<CertificateStructure, 'extensions' | 'critical'>;

function readExtensions(wrapper: DerValue | undefined): Extensions {
  if (wrapper === undefined) return { extensions: new Map(), critical: new Set() };
  const [list, ...more] = childrenOf(wrapper);
  if (more.length > 0) throw new CertificateError('unreadable', 'more than one list of extensions');
  return readExtensionList(list);
}

/** A list of extensions by object identifier, each at most once. */
export function readExtensionList(list: DerValue | undefined): Extensions {
  const extensions = new Map<string, Buffer>();
  const critical = new Set<string>();
  for (const extension of childrenOf(expectTag(list, TAG.sequence, 'extensions'))) {
    const parts = childrenOf(expectTag(extension, TAG.sequence, 'extension'));
    const oid = readOid(parts[0]);
    // RFC5280-4.2: at most once each. Of two subjectAltNames, one reader takes the first and another the last.
    if (extensions.has(oid)) throw new CertificateError('unreadable', `extension ${oid} twice`);
    extensions.set(oid, expectTag(parts.at(-1), TAG.octetString, 'extension value').content);
    // Written out even where it says false, which DER leaves out: then it is taken for a demand.
    if (parts[1]?.tag === TAG.boolean) critical.add(oid);
  }
  return { extensions, critical };
}
