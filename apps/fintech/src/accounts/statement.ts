import type { Transaction } from '../bank/messages.ts';
import type { Money } from '../bank/money.ts';
import { approximate, sign, sum } from '../bank/money.ts';
import type { Formatter } from '../i18n/format.ts';

export const FLOWS = ['all', 'in', 'out'] as const;
export type Flow = (typeof FLOWS)[number];

export const PERIODS = ['30', '90', '365'] as const;
/** Days to look back. */
export type Period = (typeof PERIODS)[number];

/** What a person asked to see; every member has a safe value. */
export interface StatementQuery {
  readonly search: string;
  readonly flow: Flow;
  readonly period: Period;
  /** Where the bank said the earlier transactions go on. */
  readonly cursor: string | undefined;
}

/** One calendar day of a statement, newest transaction first. */
export interface StatementDay {
  readonly key: string;
  readonly date: Date;
  readonly transactions: readonly Transaction[];
}

export const isFiltered = (query: StatementQuery): boolean => query.search !== '' || query.flow !== 'all';

/** Transactions that match the search words and the direction. */
export function matching(transactions: readonly Transaction[], query: StatementQuery): Transaction[] {
  const words = fold(query.search).split(/\s+/).filter(Boolean);
  return transactions.filter((each) => {
    if (query.flow === 'in' && sign(each) <= 0) return false;
    if (query.flow === 'out' && sign(each) >= 0) return false;
    const content = fold(`${each.counterparty} ${each.description} ${each.amount}`);
    return words.every((word) => content.includes(word));
  });
}

/** Upper and lower case, full and half width, accents: none of them should hide a transaction. */
const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Groups by calendar day, newest first. */
export function byDay(transactions: readonly Transaction[], format: Formatter): StatementDay[] {
  const newestFirst = transactions.toSorted((a, b) => b.booked_at.getTime() - a.booked_at.getTime());
  const days = Map.groupBy(newestFirst, (each) => format.dayKey(each.booked_at));
  return [...days].map(([key, ofDay]) => ({ key, date: (ofDay[0] as Transaction).booked_at, transactions: ofDay }));
}

/** What came in and what went out; undefined where there was none. */
export function flows(transactions: readonly Transaction[]): { in: Money | undefined; out: Money | undefined } {
  const incoming = transactions.filter((each) => sign(each) > 0);
  const outgoing = transactions.filter((each) => sign(each) < 0);
  return {
    in: incoming.length === 0 ? undefined : sum(incoming),
    out: outgoing.length === 0 ? undefined : sum(outgoing),
  };
}

/** A balance at a moment, for the tide line. */
export interface Level {
  readonly at: Date;
  readonly balance: Money;
  readonly height: number;
}

/** Balances after each transaction, oldest first. */
export function levels(transactions: readonly Transaction[]): Level[] {
  return transactions
    .map((each) => ({ at: each.booked_at, balance: { amount: each.balance_after, currency: each.currency } }))
    .map((each) => ({ ...each, height: approximate(each.balance) }))
    .reverse()
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
}
