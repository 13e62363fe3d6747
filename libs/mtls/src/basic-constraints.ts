import { CertificateError } from './certificate-error.ts';
import { childrenOf, expectTag, readDer, TAG } from './der.ts';

/**
 * Whether a certificate says that it is an authority. Read here, because OpenSSL takes a certificate whose constraints it cannot
 * read, or whose key usage does not fit to them, for a leaf; what says that it is an authority is no client. [RFC5280-4.2.1.9]
 */
export function readIsAuthority(extension: Buffer | undefined): boolean {
  if (extension === undefined) return false;
  const constraints = childrenOf(expectTag(readDer(extension), TAG.sequence, 'basic constraints'));
  const says = constraints[0]?.tag === TAG.boolean ? constraints.shift()?.content : undefined;
  const [pathLength, ...more] = constraints;
  const readable = more.length === 0 && (pathLength === undefined || isNumber(pathLength.tag, pathLength.content));
  if (!readable || (says !== undefined && says.length !== 1))
    throw new CertificateError('unreadable', 'basic constraints');
  return says !== undefined && says[0] !== 0;
}

const isNumber = (tag: number, content: Buffer): boolean => tag === TAG.integer && content.length > 0;
