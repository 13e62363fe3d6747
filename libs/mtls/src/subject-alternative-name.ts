import { CertificateError } from './certificate-error.ts';
import { childrenOf, expectTag, readDer, TAG } from './der.ts';
import { ascii } from './directory-string.ts';
import { ipAddressOf } from './ip-address.ts';

/** The names of a subjectAltName extension by type. Types nobody may be recognised by (otherName, directoryName …) are left out. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
}

/** Context-specific tags of GeneralName. [RFC5280-4.2.1.6] */
const GENERAL_NAME = {
  otherName: 0xa0,
  rfc822Name: 0x81,
  dNSName: 0x82,
  x400Address: 0xa3,
  directoryName: 0xa4,
  ediPartyName: 0xa5,
  uniformResourceIdentifier: 0x86,
  iPAddress: 0x87,
  registeredID: 0x88,
};
const KNOWN_TAGS = new Set(Object.values(GENERAL_NAME));

/** Reads the extension's value entry by entry, so that a comma inside one name can never pretend to be a second name. */
export function readAlternativeNames(extension: Buffer | undefined): AlternativeNames {
  const entries =
    extension === undefined ? [] : childrenOf(expectTag(readDer(extension), TAG.sequence, 'alternative names'));
  // What is no name makes other readers refuse the list; of such a list we do not read the rest either.
  if (!entries.every(({ tag }) => KNOWN_TAGS.has(tag)))
    throw new CertificateError('unreadable', 'an alternative name of no known type');
  const contents = (tag: number): Buffer[] =>
    entries.filter((entry) => entry.tag === tag).map(({ content }) => content);
  return {
    dnsNames: contents(GENERAL_NAME.dNSName).map(readableName),
    uris: contents(GENERAL_NAME.uniformResourceIdentifier).map(readableName),
    emailAddresses: contents(GENERAL_NAME.rfc822Name).map(readableName),
    ipAddresses: contents(GENERAL_NAME.iPAddress).map(ipAddressOf),
  };
}

/** A NUL or another control character makes `bank.test\0.evil.test` read as `bank.test` in some library: such a certificate is no certificate. */
function readableName(content: Buffer): string {
  const name = ascii(content);
  if (name === '' || /\p{Cc}/u.test(name)) {
    throw new CertificateError('unreadable', 'an alternative name is empty or holds a control character');
  }
  return name;
}
