import { z } from 'zod';

/**
 * What the bank may answer. Everything is checked before a page reads it: the bank is another company, and a wrong or
 * hostile answer must end in a plain sentence, not in a page built from it. Unknown members are dropped, not refused,
 * because an API may grow.
 */

const amount = z.string().regex(/^-?\d{1,15}(\.\d{1,4})?$/);
const currency = z.string().regex(/^[A-Z]{3}$/);
const identifier = z.string().regex(/^[\w.~-]{1,100}$/);
const line = z.string().max(200);
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export const account = z.object({
  id: identifier,
  display_name: line.min(1),
  masked_number: z.string().max(40),
  type: z.enum(['current', 'savings', 'card']),
  currency,
  opened_on: z.iso.date(),
});
export type Account = z.infer<typeof account>;

export const accountList = z.object({ accounts: z.array(account).max(200) });

export const balance = z.object({ type: z.enum(['available', 'booked']), amount, currency, as_of: moment });
export type Balance = z.infer<typeof balance>;

export const balanceList = z.object({ balances: z.array(balance).max(20) });

export const transaction = z.object({
  id: identifier,
  booked_at: moment,
  amount,
  currency,
  counterparty: line,
  description: line,
  category: z.string().max(60),
  balance_after: amount,
});
export type Transaction = z.infer<typeof transaction>;

export const transactionPage = z.object({
  transactions: z.array(transaction).max(1000),
  next_cursor: z.string().min(1).max(500).optional(),
});
export type TransactionPage = z.infer<typeof transactionPage>;

/** An account's id as it may stand in a path of ours and of the bank's. */
export const isAccountId = (value: string): boolean => identifier.safeParse(value).success;
