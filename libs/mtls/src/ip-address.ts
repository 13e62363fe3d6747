import { isIPv4, isIPv6 } from 'node:net';
import { CertificateError } from './certificate-error.ts';

/** Text of the 4 or 16 bytes of an iPAddress entry: dotted for IPv4, shortest lower-case form for IPv6. */
export function ipAddressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new CertificateError('unreadable', 'an IP address of neither 4 nor 16 bytes');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return canonicalIpv6(groups.join(':'));
}

/**
 * The one text for an address, or undefined when the text is not an address.
 * IPv4 stays IPv4 and `::ffff:192.0.2.1` stays IPv6 (written in hex): in a certificate they are different names. [RFC8705-2.1.2]
 */
export function canonicalIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  return isIPv6(text) && !text.includes('%') ? canonicalIpv6(text) : undefined;
}

/** A URL's host is serialised in the form of RFC 5952. */
function canonicalIpv6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}
