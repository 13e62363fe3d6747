import type { Account, Balance } from '../bank/messages.ts';
import type { Money } from '../bank/money.ts';
import { sumByCurrency } from '../bank/money.ts';

/** An account and what is in it; a balance that was not shared is absent. */
export interface AccountWithBalances {
  readonly account: Account;
  readonly booked: Money | undefined;
  readonly available: Money | undefined;
  readonly asOf: Date | undefined;
}

export interface AccountOverview {
  readonly accounts: readonly AccountWithBalances[];
  /** Booked balances per currency; only when every account has one, so that no sum is quietly short. */
  readonly totals: readonly Money[];
  /** The oldest moment among the balances. */
  readonly asOf: Date | undefined;
}

export function withBalances(account: Account, balances: readonly Balance[] | undefined): AccountWithBalances {
  const booked = balances?.find((each) => each.type === 'booked');
  const available = balances?.find((each) => each.type === 'available');
  return { account, booked, available, asOf: booked?.as_of ?? available?.as_of };
}

export function overviewOf(accounts: readonly AccountWithBalances[]): AccountOverview {
  const booked = accounts.flatMap((each) => (each.booked === undefined ? [] : [each.booked]));
  const moments = accounts.flatMap((each) => (each.asOf === undefined ? [] : [each.asOf.getTime()]));
  return {
    accounts,
    totals: booked.length === accounts.length ? sumByCurrency(booked) : [],
    asOf: moments.length === 0 ? undefined : new Date(Math.min(...moments)),
  };
}
