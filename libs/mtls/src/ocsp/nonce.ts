import { octets } from '../authority/asn1.ts';
import type { Asn1 } from '../authority/asn1.ts';
import { extension } from '../authority/extensions.ts';
import { CertificateError } from '../certificate-error.ts';
import { readExtensionList } from '../certificate-structure.ts';
import { childrenOf, expectTag, readDer, TAG } from '../der.ts';
import type { DerValue } from '../der.ts';

const NONCE = '1.3.6.1.5.5.7.48.1.2';
/** Bytes. [RFC9654-2.1] */
const LONGEST = 128;

export const encodeNonce = (nonce: Buffer): Asn1 => extension(NONCE, false, octets(nonce));

/**
 * The nonce among the extensions of a request or an answer, if there is one.
 * @throws CertificateError for one that is empty or too long: echoed, it would make the responder sign whatever somebody likes
 */
export function readNonce(wrapper: DerValue | undefined): Buffer | undefined {
  if (wrapper === undefined) return undefined;
  const value = readExtensionList(childrenOf(wrapper)[0]).extensions.get(NONCE);
  if (value === undefined) return undefined;
  const { content } = expectTag(readDer(value), TAG.octetString, 'nonce');
  if (content.length === 0 || content.length > LONGEST)
    throw new CertificateError('unreadable', 'a nonce has 1 to 128 bytes');
  return content;
}
