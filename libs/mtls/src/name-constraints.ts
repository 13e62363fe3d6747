import type { X509Certificate } from 'node:crypto';
import { readCertificateStructure } from './certificate-structure.ts';
import { childrenOf, expectTag, readDer, TAG } from './der.ts';
import { ascii } from './directory-string.ts';

const NAME_CONSTRAINTS = '2.5.29.30';
const PERMITTED = 0xa0;
const DNS_NAME = 0x82;

/**
 * The DNS names below which an authority may vouch, or undefined when it may vouch for any.
 * @throws CertificateError when the extension cannot be read
 */
export function permittedDnsNames(authority: X509Certificate): readonly string[] | undefined {
  const extension = readCertificateStructure(authority.raw).extensions.get(NAME_CONSTRAINTS);
  if (extension === undefined) return undefined;
  const permitted = childrenOf(expectTag(readDer(extension), TAG.sequence, 'name constraints')).find(
    ({ tag }) => tag === PERMITTED,
  );
  const bases = (permitted === undefined ? [] : childrenOf(permitted)).map(
    (subtree) => childrenOf(expectTag(subtree, TAG.sequence, 'subtree'))[0],
  );
  const names = bases.filter((base) => base?.tag === DNS_NAME).map((base) => ascii(base?.content ?? Buffer.alloc(0)));
  // A list without DNS names leaves them all allowed. [RFC5280-4.2.1.10]
  return names.length === 0 ? undefined : names;
}
