import { isIPv6 } from 'node:net';

/** Groups of an IPv6 address that its provider gives to one household or one machine; the other four are its own choice. */
const NETWORK_GROUPS = 4;

/**
 * Where attempts are counted that come from an address. RFC4291-2.5.1: whoever has one IPv6 address has a whole /64 of them,
 * and would have as many fresh starts. An IPv4 address that came over an IPv6 socket is the IPv4 address (RFC4291-2.5.5.2).
 */
export function sourceOf(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = address] = address.split('%');
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, NETWORK_GROUPS).join(':')}::/64` : address;
}

function groupsOf(address: string): readonly string[] {
  // The URL parser writes every spelling of an address in the same way, with at most one `::`.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  return [...(before ?? []), ...Array.from({ length: zeros }, () => '0'), ...(after ?? [])];
}
