import { describe, expect, it } from 'vitest';
import { formatAmount } from './money.ts';

describe('amounts on the wire', () => {
  it.each([0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('refuses %s, which is no whole amount', (amount) => {
    expect(() => formatAmount(amount, 'GBP')).toThrow(RangeError);
  });

  it('refuses a currency whose minor unit is unknown', () => {
    expect(() => formatAmount(100, 'JPY')).toThrow(RangeError);
  });

  it.each([
    [0, '0.00'],
    [5, '0.05'],
    [-5, '-0.05'],
    [-1230, '-12.30'],
    [123456, '1234.56'],
    [900719925474099, '9007199254740.99'],
  ])('writes %i minor units as %s', (amount, text) => {
    expect(formatAmount(amount, 'EUR')).toBe(text);
  });
});
