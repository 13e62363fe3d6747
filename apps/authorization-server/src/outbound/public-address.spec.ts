import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address.ts';

describe('an address is not public', () => {
  it.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private, ten', '10.255.255.255'],
    ['shared by a carrier', '100.64.0.1'],
    ['loopback', '127.0.0.1'],
    ['loopback, its far end', '127.255.255.254'],
    ['link-local', '169.254.0.1'],
    ['a cloud metadata service', '169.254.169.254'],
    ['private, twelve bits', '172.31.255.255'],
    ['for protocols', '192.0.0.8'],
    ['private, home', '192.168.1.1'],
    ['for benchmarks', '198.19.0.1'],
    ['documentation', '203.0.113.5'],
    ['multicast', '224.0.0.1'],
    ['reserved', '250.1.1.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 unspecified', '::'],
    ['IPv6 loopback', '::1'],
    ['IPv4 in IPv6', '::ffff:127.0.0.1'],
    ['public IPv4 in IPv6, for one form is enough', '::ffff:93.184.216.34'],
    ['IPv4 in IPv6, in hex', '::ffff:7f00:1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['translated IPv4', '64:ff9b::7f00:1'],
    ['unique local', 'fd00::1'],
    ['a cloud metadata service over IPv6', 'fd00:ec2::254'],
    ['IPv6 link-local', 'fe80::1'],
    ['with a zone', 'fe80::1%eth0'],
    ['public with a zone', '2606:4700::1111%lo'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv6 documentation', '2001:db8::1'],
    ['6to4 of loopback', '2002:7f00:1::1'],
    ['Teredo', '2001:0:7f00:1::'],
    ['a number', '2130706433'],
    ['a hexadecimal number', '0x7f000001'],
    ['octal parts', '0177.0.0.1'],
    ['a name', 'localhost'],
    ['nothing', ''],
  ])('%s: %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

it.each(['93.184.216.34', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450::1'])(
  'an address is public: %s',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);
