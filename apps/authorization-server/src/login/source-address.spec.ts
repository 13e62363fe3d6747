import { describe, expect, it } from 'vitest';
import { sourceOf } from './source-address.ts';

describe('an address attempts are counted at', () => {
  it.each([
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff'],
    ['2001:db8::1', '2001:0DB8:0000:0000:0000:0000:0000:0002'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
    ['::1', '::2'],
  ])('is one for %s and %s, which the same household can take', (one, other) => {
    expect(sourceOf(one)).toBe(sourceOf(other));
    expect(sourceOf(one)).toMatch(/^[\da-f]+(:[\da-f]+){3}::\/64$/);
  });

  it.each([
    ['192.0.2.1', '192.0.2.2'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['2001:db8:1::', '2001:db8:0:1::'],
  ])('is another for %s and %s', (one, other) => {
    expect(sourceOf(one)).not.toBe(sourceOf(other));
  });

  it('is the same for an IPv4 address however it came', () => {
    expect(sourceOf('::ffff:192.0.2.1')).toBe(sourceOf('192.0.2.1'));
  });

  it('is one for all of which it is not known, and is never left out', () => {
    expect(sourceOf(undefined)).toBe('unknown');
  });
});
