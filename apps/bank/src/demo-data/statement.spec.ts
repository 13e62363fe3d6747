import { describe, expect, it } from 'vitest';
import { HOUSEHOLDS } from './households.ts';
import { SeededRandom } from './seeded-random.ts';
import { STATEMENT_DAYS, tellStatements } from './statement.ts';

const DAY = 86_400_000;
const TODAY = new Date('2026-11-23T15:42:10Z');

describe('the generator', () => {
  it('tells the same story for the same seed and another for another', () => {
    const draw = (seed: string) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 20 }, () => random.between(0, 1_000_000));
    };
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
  });

  it('reaches both ends of a range and leaves neither', () => {
    const random = new SeededRandom('range');
    const seen = new Set(Array.from({ length: 500 }, () => random.between(-2, 2)));
    expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  });
});

describe.each(HOUSEHOLDS)('the statements of $displayName', (household) => {
  const statements = tellStatements(household, TODAY);

  it('are the same at every moment of one day', () => {
    expect(tellStatements(household, new Date('2026-11-23T00:00:00Z'))).toEqual(statements);
  });

  it('have two to four accounts, each with months of transactions', () => {
    expect(household.accounts.length).toBeGreaterThanOrEqual(2);
    expect(household.accounts.length).toBeLessThanOrEqual(4);
    expect(Math.max(...[...statements.values()].map((lines) => lines.length))).toBeGreaterThan(80);
  });

  it.each(household.accounts)('sum up, in order, inside the past: $displayName', ({ key, creditLimit, type }) => {
    const lines = statements.get(key) ?? [];
    let sum = 0;
    lines.forEach((line, index) => {
      sum += line.amount;
      expect(line).toMatchObject({ sequence: index + 1, balanceAfter: sum });
      expect(Number.isSafeInteger(line.amount)).toBe(true);
      expect(line.bookedAt).toBeGreaterThanOrEqual(lines[index - 1]?.bookedAt ?? 0);
      expect(line.balanceAfter).toBeGreaterThanOrEqual(-creditLimit);
      if (type === 'card') expect(line.balanceAfter).toBeLessThanOrEqual(0);
    });
    expect(lines[0]?.bookedAt).toBe(Date.UTC(2026, 10, 23) - STATEMENT_DAYS * DAY);
    expect(lines.at(-1)?.bookedAt).toBeLessThan(Date.UTC(2026, 10, 23));
  });

  it('move money between own accounts without losing any', () => {
    const transfers = [...statements.values()].flat().filter(({ category }) => category === 'transfer');
    expect(transfers.length).toBeGreaterThan(0);
    expect(transfers.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
  });
});
