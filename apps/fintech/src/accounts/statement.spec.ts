import { describe, expect, it } from 'vitest';
import type { Transaction } from '../bank/messages.ts';
import { createFormatter } from '../i18n/format.ts';
import { inTurns } from './in-turns.ts';
import { overviewOf, withBalances } from './overview.ts';
import { readStatementQuery } from './statement-query.ts';
import { byDay, flows, levels, matching } from './statement.ts';
import { drawTideLine } from './tide-line.ts';

function transaction(
  id: string,
  at: string,
  amount: string,
  after: string,
  counterparty = 'Corner Grocer',
): Transaction {
  const what = { counterparty, description: 'Groceries', category: 'groceries' };
  return { id, booked_at: new Date(at), amount, currency: 'GBP', ...what, balance_after: after };
}

const list = [
  transaction('c', '2026-10-25T23:30:00Z', '-5.00', '105.00'),
  transaction('b', '2026-10-25T00:30:00Z', '100.00', '110.00', 'Café Ōmi'),
  transaction('a', '2026-10-24T23:30:00Z', '-20.00', '10.00'),
];
const query = { search: '', flow: 'all', period: '30', cursor: undefined } as const;

describe('a statement query', () => {
  it('that makes no sense shows more, not an error', () => {
    const values = new Map([
      ['flow', 'sideways'],
      ['period', '-1'],
      ['cursor', 'x'.repeat(501)],
      ['search', ` ${'y'.repeat(200)}`],
    ]);
    expect(readStatementQuery(values)).toEqual({
      search: 'y'.repeat(80),
      flow: 'all',
      period: '30',
      cursor: undefined,
    });
    expect(readStatementQuery(undefined)).toEqual(query);
  });
});

describe('a statement', () => {
  it('finds words without case, accents and width', () => {
    for (const search of ['cafe', 'ＣＡＦＥ', 'omi groceries', '100.00'])
      expect(matching(list, { ...query, search }).map(({ id }) => id)).toEqual(['b']);
    expect(matching(list, { ...query, search: 'cafe grocer corner' })).toEqual([]);
  });

  it('finds by direction', () => {
    expect(matching(list, { ...query, flow: 'in' }).map(({ id }) => id)).toEqual(['b']);
    expect(matching(list, { ...query, flow: 'out' }).map(({ id }) => id)).toEqual(['c', 'a']);
  });

  it('cuts days where the time zone does, also in the night the clocks change', () => {
    const days = (zone: string) =>
      byDay(list, createFormatter('en-GB', zone)).map(
        ({ key, transactions }) => `${key} ${transactions.map(({ id }) => id).join('')}`,
      );
    expect(days('UTC')).toEqual(['2026-10-25 cb', '2026-10-24 a']);
    expect(days('Europe/London')).toEqual(['2026-10-25 cba']);
    expect(days('Asia/Tokyo')).toEqual(['2026-10-26 c', '2026-10-25 ba']);
  });

  it('says what came in and what went out', () => {
    expect(flows(list)).toEqual({
      in: { amount: '100.00', currency: 'GBP' },
      out: { amount: '-25.00', currency: 'GBP' },
    });
    expect(flows([])).toEqual({ in: undefined, out: undefined });
  });
});

describe('the tide line', () => {
  it('is not drawn from too little', () => {
    expect(drawTideLine([])).toBeUndefined();
    expect(drawTideLine(levels(list.slice(0, 2)))).toBeUndefined();
    expect(drawTideLine(levels([list[0]!, list[0]!, list[0]!]))).toBeUndefined();
  });

  it('runs from the oldest to the newest and knows low and high water', () => {
    const tide = drawTideLine(levels(list));
    expect(tide?.low.balance.amount).toBe('10.00');
    expect(tide?.high.balance.amount).toBe('110.00');
    expect(tide?.surface).toMatch(/^M0 122H[\d.]+V10H720V[\d.]+$/);
  });
});

describe('the overview', () => {
  const account = {
    id: 'a',
    display_name: 'A',
    masked_number: '1',
    type: 'current',
    currency: 'GBP',
    opened_on: '2020-01-01',
  } as const;
  const booked = { type: 'booked', amount: '1.00', currency: 'GBP', as_of: new Date(0) } as const;

  it('has no sum when a balance is missing: it would be quietly short', () => {
    expect(overviewOf([withBalances(account, [booked]), withBalances(account, undefined)]).totals).toEqual([]);
    expect(overviewOf([withBalances(account, [booked])]).totals).toEqual([{ amount: '1.00', currency: 'GBP' }]);
  });
});

describe('calls in turns', () => {
  it('begin nothing new after a failure', async () => {
    const begun: number[] = [];
    const run = async (n: number) => {
      begun.push(n);
      await new Promise((resolve) => setTimeout(resolve, n));
      if (n === 1) throw new Error('no');
      return n;
    };
    await expect(inTurns([1, 30, 2, 3], 2, run)).rejects.toThrow('no');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(begun).toEqual([1, 30]);
  });

  it('are bounded, and keep the order', async () => {
    let now = 0;
    let most = 0;
    const run = async (n: number) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 20 - n));
      now--;
      return n * 2;
    };
    expect(await inTurns([1, 2, 3, 4, 5, 6, 7], 3, run)).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(most).toBe(3);
  });
});
