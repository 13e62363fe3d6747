import { sameDn } from './distinguished-name.ts';
import { canonicalIp } from './ip-address.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import { DistinguishedNameError, parseDn } from './rfc4514.ts';

/** How a client's certificate is recognised: exactly one of the five of RFC8705-2.1.2, without the prefix `tls_client_auth_`. */
export interface SubjectSelector {
  readonly kind: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email';
  readonly value: string;
}

/**
 * Whether the registered selector names this certificate: an entry of the same type with the same value. A common name is
 * not a DNS name, a wildcard stands for nothing, a part of a value is not the value. A selector that could not have been
 * registered matches no certificate. [RFC8705-2.1.2]
 */
export function matchesSubject(cert: PeerCertificate, selector: SubjectSelector): boolean {
  if (faultOf(selector) !== undefined) return false;
  const { kind, value } = selector;
  switch (kind) {
    case 'subject_dn':
      return sameDn(cert.subject, parseDn(value));
    case 'san_dns':
      return cert.dnsNames.some((name) => sameIgnoringAsciiCase(name, value));
    case 'san_uri':
      return cert.uris.includes(value);
    case 'san_ip':
      return cert.ipAddresses.some((address) => address === canonicalIp(value));
    case 'san_email':
      return cert.emailAddresses.some((address) => sameMailbox(address, value));
    default:
      return false;
  }
}

/**
 * The selector itself when it can recognise a certificate: the question to ask at registration, where somebody can
 * still correct it.
 * @throws Error whose message says what is wrong with the value
 */
export function checkSubjectSelector(selector: SubjectSelector): SubjectSelector {
  const fault = faultOf(selector);
  if (fault === undefined) return selector;
  throw new TypeError(`${selector.kind}: ${fault}`);
}

/** Letters, digits, hyphens, underscores in labels of 1 to 63: no wildcard, no trailing dot, no NUL. */
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

function faultOf({ kind, value }: SubjectSelector): string | undefined {
  if (typeof value !== 'string') return 'the value is not text';
  switch (kind) {
    case 'subject_dn':
      return faultOfDn(value);
    case 'san_dns':
      return DNS_NAME.test(value) ? undefined : 'not a plain DNS name (no wildcard, no trailing dot)';
    case 'san_uri':
      return /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(value) ? undefined : 'not an absolute URI';
    case 'san_ip':
      return canonicalIp(value) === undefined ? 'not an IP address' : undefined;
    case 'san_email':
      return /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/.test(value) ? undefined : 'not a mail address';
    default:
      return 'not one of the five subject selectors';
  }
}

function faultOfDn(value: string): string | undefined {
  try {
    parseDn(value);
    return undefined;
  } catch (error) {
    if (error instanceof DistinguishedNameError) return error.message;
    throw error;
  }
}

/** ASCII only, so that no letter of another alphabet folds into one of ours. */
function sameIgnoringAsciiCase(a: string, b: string): boolean {
  return a === b || asciiLower(a) === asciiLower(b);
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The local part belongs to its mail server and is compared exactly; the domain is a DNS name. [RFC5280-7.5] */
function sameMailbox(a: string, b: string): boolean {
  const [localA, domainA, ...moreA] = a.split('@');
  const [localB, domainB] = b.split('@');
  if (moreA.length > 0 || domainA === undefined || domainB === undefined) return false;
  return localA === localB && sameIgnoringAsciiCase(domainA, domainB);
}
