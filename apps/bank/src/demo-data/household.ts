import type { AccountType } from '../ledger/tables.ts';

export type Category =
  | 'opening'
  | 'salary'
  | 'housing'
  | 'utilities'
  | 'groceries'
  | 'transport'
  | 'eating_out'
  | 'subscriptions'
  | 'shopping'
  | 'health'
  | 'leisure'
  | 'travel'
  | 'refund'
  | 'interest'
  | 'fees'
  | 'transfer';

/** When something happens: on a day of each month, on one weekday (0 = Sunday), or on some days by chance. */
export type Rhythm = { readonly monthDay: number } | { readonly weekday: number } | { readonly percentOfDays: number };

/** One recurring thing a person does with an account. */
export interface Habit {
  readonly account: string;
  readonly rhythm: Rhythm;
  /** Lowest and highest amount, minor units; negative leaves the account. */
  readonly amount: readonly [lowest: number, highest: number];
  readonly counterparties: readonly [string, ...string[]];
  readonly description: string;
  readonly category: Category;
  /** Another account of the same household that receives what left this one. */
  readonly into?: string;
}

export interface HouseholdAccount {
  readonly key: string;
  readonly displayName: string;
  readonly maskedNumber: string;
  readonly type: AccountType;
  readonly currency: 'GBP' | 'EUR';
  readonly openedOn: string;
  readonly creditLimit: number;
  /** What the account held before the first month told here, minor units. */
  readonly openingBalance: number;
}

export interface Household {
  /** The subject the authorization server knows this customer by. */
  readonly customerId: string;
  readonly displayName: string;
  readonly accounts: readonly HouseholdAccount[];
  readonly habits: readonly Habit[];
}
