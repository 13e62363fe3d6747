import { BlockList, isIP } from 'node:net';

/**
 * IPv4 that leads nowhere public: this network, private, shared, loopback, link-local (where clouds keep their metadata
 * services), documentation, benchmarks, relays, multicast, reserved. From the registry that RFC 6890 began.
 */
const NOT_PUBLIC_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/**
 * IPv6 is public in 2000::/3 alone (RFC4291-2.4), without its corners for protocols, documentation and tunnels: 2002::/16
 * and Teredo carry an IPv4 address, which may be anybody's. Loopback, ::ffff:0:0/96, fc00::/7 and fe80::/10 lie outside.
 */
const NOT_PUBLIC_IPV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** The addresses of a network of one's own. RFC1918-3, RFC4193-3. Never this machine, never a link and its metadata service. */
const PRIVATE_IPV4: readonly (readonly [string, number])[] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];

const privateIpv4 = subnets(PRIVATE_IPV4, 'ipv4');
const uniqueLocalIpv6 = subnets([['fc00::', 7]], 'ipv6');
const notPublicIpv4 = subnets(NOT_PUBLIC_IPV4, 'ipv4');
const notPublicIpv6 = subnets(NOT_PUBLIC_IPV6, 'ipv6');
const globalUnicast = subnets([['2000::', 3]], 'ipv6');

/** Whether an address, as the resolver wrote it, belongs to the public Internet. Anything that is no plain address does not. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicIpv4.check(address, 'ipv4');
    case 6:
      // A zone (`%eth0`) names an interface of this machine.
      return !address.includes('%') && globalUnicast.check(address, 'ipv6') && !notPublicIpv6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** Whether an address belongs to a private network, such as that of containers. */
export function isPrivateAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return privateIpv4.check(address, 'ipv4');
    case 6:
      return !address.includes('%') && uniqueLocalIpv6.check(address, 'ipv6');
    default:
      return false;
  }
}

function subnets(ranges: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
