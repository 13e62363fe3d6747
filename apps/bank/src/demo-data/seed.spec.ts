import { randomBytes } from 'node:crypto';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { bankMigrations } from '../ledger/migrations.ts';
import type { BankTables } from '../ledger/tables.ts';
import { HOUSEHOLDS } from './households.ts';
import { seedDemoCustomers } from './seed.ts';

const NOW = new Date('2026-11-23T15:42:10Z');
const newId = (prefix: string) => `${prefix}_${randomBytes(20).toString('base64url')}`;

describe.each(storesUnderTest())('the demo customers on $name', ({ open }) => {
  let store: Store<BankTables>;
  const seed = (now = NOW) => seedDemoCustomers({ db: store.db, newId, now });
  const count = async (table: 'customers' | 'accounts' | 'transactions') =>
    Number(
      (
        await store.db
          .selectFrom(table)
          .select((e) => e.fn.countAll().as('rows'))
          .executeTakeFirstOrThrow()
      ).rows,
    );

  beforeEach(async () => {
    store = await open<BankTables>(bankMigrations);
  });

  it('leave nothing behind when writing them fails half-way', async () => {
    let made = 0;
    const failing = (prefix: string) => {
      if ((made += 1) === 200) throw new Error('no more randomness');
      return newId(prefix);
    };
    await expect(seedDemoCustomers({ db: store.db, newId: failing, now: NOW })).rejects.toThrow('no more randomness');
    expect([await count('customers'), await count('accounts'), await count('transactions')]).toEqual([0, 0, 0]);
    expect(await seed()).toBe(true);
  });

  it('are written once, by one of two replicas that start together, and not again on another day', async () => {
    const replica = await open<BankTables>(bankMigrations, { sameAs: store });
    const both = await Promise.all([seed(), seedDemoCustomers({ db: replica.db, newId, now: NOW })]);
    expect(both.toSorted()).toEqual([false, true]);
    const transactions = await count('transactions');
    expect(await seed(new Date('2027-01-01T00:00:00Z'))).toBe(false);
    expect(await count('transactions')).toBe(transactions);
    expect(await count('customers')).toBe(HOUSEHOLDS.length);
  });

  it('have unguessable ids and balances that are the sum of their transactions', async () => {
    await seed();
    const accounts = await store.db.selectFrom('accounts').selectAll().execute();
    for (const { id } of accounts) {
      expect(id).toMatch(/^acc_[A-Za-z0-9_-]{27}$/);
      const lines = await store.db
        .selectFrom('transactions')
        .selectAll()
        .where('account_id', '=', id)
        .orderBy('sequence')
        .execute();
      expect(lines.at(-1)?.balance_after).toBe(lines.reduce((sum, { amount }) => sum + amount, 0));
    }
  });
});
