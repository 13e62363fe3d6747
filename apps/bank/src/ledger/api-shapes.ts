import { formatAmount } from './money.ts';
import type { AccountRow, TransactionRow } from './tables.ts';

/** An account as the API shows it: chosen member by member, so that a new column never leaks by itself. */
export function accountShape(row: AccountRow) {
  return {
    id: row.id,
    display_name: row.display_name,
    masked_number: row.masked_number,
    type: row.type,
    currency: row.currency,
    opened_on: row.opened_on,
  };
}

/** What may be spent (booked plus what the account may go below zero) and what is booked. */
export function balanceShapes(row: AccountRow, booked: number, now: Date) {
  const balance = (type: 'available' | 'booked', amount: number) => ({
    type,
    amount: formatAmount(amount, row.currency),
    currency: row.currency,
    as_of: now.toISOString(),
  });
  return [balance('available', booked + row.credit_limit), balance('booked', booked)];
}

/** @param currency of the account the transaction belongs to */
export function transactionShape(row: TransactionRow, currency: string) {
  return {
    id: row.id,
    booked_at: new Date(row.booked_at).toISOString(),
    amount: formatAmount(row.amount, currency),
    currency,
    counterparty: row.counterparty,
    description: row.description,
    category: row.category,
    balance_after: formatAmount(row.balance_after, currency),
  };
}
