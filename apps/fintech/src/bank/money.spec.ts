import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sign, sum, sumByCurrency } from './money.ts';

const gbp = (amount: string) => ({ amount, currency: 'GBP' });

describe('money', () => {
  it('of different currencies is never added', () => {
    expect(() => sum([gbp('1'), { amount: '1', currency: 'EUR' }])).toThrow(RangeError);
    expect(() => sum([])).toThrow(RangeError);
  });

  it.each([
    [['0.10', '0.20'], '0.30'],
    [['-0.05', '0.02'], '-0.03'],
    [['1234.56', '-94.80'], '1139.76'],
    [['0.001', '0.002'], '0.003'],
    [['999999999999999', '1'], '1000000000000000.00'],
  ])('is added exactly: %j', (amounts, total) => {
    expect(sum(amounts.map(gbp)).amount).toBe(total);
  });

  it('is summed per currency, in the order of appearance', () => {
    expect(sumByCurrency([gbp('1.00'), { amount: '2.00', currency: 'EUR' }, gbp('3.00')])).toEqual([
      { amount: '4.00', currency: 'GBP' },
      { amount: '2.00', currency: 'EUR' },
    ]);
  });

  it('knows which side of zero it is on', () => {
    expect(['-0.01', '-0.00', '0', '0.0001'].map((amount) => sign(gbp(amount)))).toEqual([-1, 0, 0, 1]);
  });

  it('adds to what whole numbers add to', () => {
    const cents = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
    const text = (n: number) =>
      `${n < 0 ? '-' : ''}${Math.trunc(Math.abs(n) / 100)}.${String(Math.abs(n) % 100).padStart(2, '0')}`;
    fc.assert(
      fc.property(fc.array(cents, { minLength: 1, maxLength: 30 }), (list) => {
        const total = list.reduce((a, b) => a + b, 0);
        expect(Math.round(Number(sum(list.map((n) => gbp(text(n)))).amount) * 100)).toBe(total);
      }),
    );
  });
});
