import { randomBytes } from 'node:crypto';
import type { VerifiedCaller } from '@holdfast/fapi/rs';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Consent } from '../consents/consent.ts';
import { DETAIL_TYPE, requireConsent } from '../consents/consented-access.ts';
import { seedDemoCustomers } from '../demo-data/seed.ts';
import { Ledger } from './ledger.ts';
import { bankMigrations } from './migrations.ts';
import type { BankTables } from './tables.ts';

const ALICE = 'cus-alice-7302';
const BANK = 'https://api.bank.localhost:9543';
const NOW = new Date('2026-11-23T15:42:10Z');
const newId = (prefix: string) => `${prefix}_${randomBytes(20).toString('base64url')}`;

describe.each(storesUnderTest())('the ledger on $name', ({ open }) => {
  let store: Store<BankTables>;
  let ledger: Ledger;
  let everybody: { id: string; customer_id: string }[];

  beforeAll(async () => {
    store = await open<BankTables>(bankMigrations);
    await seedDemoCustomers({ db: store.db, newId, now: NOW });
    everybody = await store.db.selectFrom('accounts').select(['id', 'customer_id']).execute();
    ledger = new Ledger(store.db);
  });

  const idsOf = (owner: string) => everybody.filter((row) => row.customer_id === owner).map(({ id }) => id);

  /** Alice's access to whatever accounts a record names, as if the record had been tampered with. */
  function accessTo(accountIds: string[]) {
    const consent: Consent = {
      id: 'con_1',
      customerId: ALICE,
      clientId: 'tidepool',
      clientName: 'Tidepool',
      accountIds,
      actions: ['list_accounts'],
      state: 'authorised',
      authorisedAt: NOW,
      expiresAt: NOW,
    };
    const detail = { type: DETAIL_TYPE, actions: ['list_accounts'], locations: [BANK], consent_id: consent.id };
    const caller = {
      clientId: 'tidepool',
      subject: ALICE,
      authorizationDetails: [{ ...detail, accounts: accountIds }],
    };
    return requireConsent(
      { find: () => Promise.resolve(consent) },
      { caller: caller as unknown as VerifiedCaller, action: 'list_accounts', audience: BANK, now: NOW },
    );
  }

  it('does not open an account of somebody else, even when token and consent both name it [FAPI1-BASE-6.2.1-7] [RS-18]', async () => {
    const access = await accessTo(everybody.map(({ id }) => id));
    const bobs = idsOf('cus-bob-4418')[0]!;
    await expect(ledger.account(access, bobs)).rejects.toMatchObject({ code: 'not_found', reason: 'object_not_found' });
    const listed = await ledger.accounts(access);
    expect(listed.map(({ id }) => id).sort()).toEqual(idsOf(ALICE).sort());
  });

  it('lists nothing for a consent without accounts', async () => {
    expect(await ledger.accounts(await accessTo([]))).toEqual([]);
  });

  it('refuses the cursor of another account, and one that is none', async () => {
    const access = await accessTo(idsOf(ALICE));
    const [one, other] = await Promise.all(
      idsOf(ALICE)
        .slice(0, 2)
        .map((id) => ledger.account(access, id)),
    );
    const { nextCursor = '' } = await ledger.transactions(other!, { limit: 1 });
    for (const cursor of [nextCursor, 'made-up', "' or 1=1 --"])
      await expect(ledger.transactions(one!, { limit: 1, cursor })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('cuts pages of every size so that they make up the whole, newest first', async () => {
    const access = await accessTo(idsOf(ALICE));
    const account = await ledger.account(access, idsOf(ALICE)[0]!);
    const whole = (await ledger.transactions(account, { limit: 1_000 })).rows;
    expect(whole.map(({ sequence }) => sequence)).toEqual(whole.map((_, index) => whole.length - index));
    for (const limit of [1, 7, whole.length - 1, whole.length]) {
      const pages: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await ledger.transactions(account, { limit, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        pages.push(...page.rows.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(pages).toEqual(whole.map(({ id }) => id));
    }
  });

  it('books what the last transaction left', async () => {
    const access = await accessTo(idsOf(ALICE));
    const account = await ledger.account(access, idsOf(ALICE)[0]!);
    const { rows } = await ledger.transactions(account, { limit: 1_000 });
    expect(await ledger.bookedBalance(account)).toBe(rows.reduce((sum, { amount }) => sum + amount, 0));
  });
});
