import type { Person } from '../wire/browser.ts';

/** A customer of the control group. Nothing here exists on the real platform: other people, other money. */
export interface WeakCustomer extends Person {
  readonly accountId: string;
  readonly balance: string;
}

export const ALICE: WeakCustomer = {
  name: 'Alice',
  login: 'alice',
  password: 'alice-of-the-control-group',
  accountId: 'weak-account-of-alice',
  balance: '8412.50',
};

export const MALLORY: WeakCustomer = {
  name: 'Mallory',
  login: 'mallory',
  password: 'mallory-of-the-control-group',
  accountId: 'weak-account-of-mallory',
  balance: '3.17',
};

const CUSTOMERS: readonly WeakCustomer[] = [ALICE, MALLORY];

export function customerByLogin(login: string | null, password: string | null): WeakCustomer | undefined {
  return CUSTOMERS.find((customer) => customer.login === login && customer.password === password);
}

/** The accounts answer of every weak bank. */
export function accountsOf(customer: WeakCustomer): object {
  const balance = { amount: customer.balance, currency: 'EUR' };
  return { holder: customer.name, accounts: [{ id: customer.accountId, balance }] };
}
