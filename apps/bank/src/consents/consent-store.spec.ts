import { randomBytes } from 'node:crypto';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seedDemoCustomers } from '../demo-data/seed.ts';
import { bankMigrations } from '../ledger/migrations.ts';
import type { BankTables } from '../ledger/tables.ts';
import type { ConsentRequest } from './consent.ts';
import { ConsentStore } from './consent-store.ts';

const ALICE = 'cus-alice-7302';
const BOB = 'cus-bob-4418';
const NOW = new Date('2026-11-23T15:42:10Z');
const DAY = 86_400_000;
const after = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);
const newId = (prefix = 'con') => `${prefix}_${randomBytes(20).toString('base64url')}`;

describe.each(storesUnderTest())('consents on $name', ({ open }) => {
  let store: Store<BankTables>;
  let consents: ConsentStore;
  let accounts: Record<string, string[]>;

  beforeAll(async () => {
    store = await open<BankTables>(bankMigrations);
    await seedDemoCustomers({ db: store.db, newId, now: NOW });
    const rows = await store.db.selectFrom('accounts').select(['id', 'customer_id']).execute();
    accounts = Object.fromEntries(
      [ALICE, BOB].map((owner) => [owner, rows.filter((row) => row.customer_id === owner).map(({ id }) => id)]),
    );
    consents = new ConsentStore({ db: store.db, newId });
  });
  beforeEach(() => store.db.deleteFrom('consents').execute());

  const owned = (owner: string, ...indexes: number[]) => indexes.map((index) => accounts[owner]?.[index] ?? 'none');
  const request = (changes: Partial<ConsentRequest> = {}): ConsentRequest => ({
    requestId: 'request-1',
    customerId: ALICE,
    clientId: 'tidepool',
    clientName: 'Tidepool',
    accountIds: owned(ALICE, 0, 1),
    actions: ['list_accounts', 'read_balances'],
    expiresAt: after(90 * DAY),
    ...changes,
  });
  const rows = () => store.db.selectFrom('consents').selectAll().execute();

  it.each<[string, () => Partial<ConsentRequest>]>([
    ['account_not_of_customer', () => ({ accountIds: owned(BOB, 0) })],
    ['account_not_of_customer', () => ({ accountIds: [...owned(ALICE, 0), ...owned(BOB, 0)] })],
    ['account_not_of_customer', () => ({ accountIds: ['acc_made-up'] })],
    ['customer_unknown', () => ({ customerId: 'cus-nobody' })],
    ['action_unknown', () => ({ actions: ['list_accounts', 'move_money'] })],
  ])('refuses a consent: %s', async (reason, changes) => {
    await expect(consents.authorize(request(changes()), NOW)).rejects.toMatchObject({ reason });
    expect(await rows()).toEqual([]);
  });

  it.each<[string, () => Partial<ConsentRequest>]>([
    ['more accounts', () => ({ accountIds: owned(ALICE, 0, 1, 2) })],
    ['fewer accounts', () => ({ accountIds: owned(ALICE, 0) })],
    ['more actions', () => ({ actions: ['list_accounts', 'read_balances', 'read_transactions'] })],
    ['another client', () => ({ clientId: 'lab-first-client' })],
    ['another client name', () => ({ clientName: 'Your Bank' })],
    ['another customer', () => ({ customerId: BOB, accountIds: owned(BOB, 0, 1) })],
    ['a later end', () => ({ expiresAt: after(91 * DAY) })],
  ])('refuses a used request id with %s, and changes nothing', async (_, changes) => {
    const first = await consents.authorize(request(), NOW);
    await expect(consents.authorize(request(changes()), NOW)).rejects.toMatchObject({ reason: 'request_id_reused' });
    expect(await consents.find(first.id, NOW)).toEqual(first);
    expect(await rows()).toHaveLength(1);
  });

  it('refuses to revoke what it does not know', async () => {
    await expect(consents.revoke('con_made-up', NOW)).rejects.toMatchObject({ reason: 'consent_unknown' });
  });

  it('refuses to revoke under a request id nobody used', async () => {
    const { id } = await consents.authorize(request(), NOW);
    await expect(consents.revokeRequested('request-2', NOW)).rejects.toMatchObject({ reason: 'consent_unknown' });
    expect(await consents.revokeRequested('request-1', NOW)).toMatchObject({ id, state: 'revoked' });
  });

  it('never brings a revoked consent back, by whatever repetition', async () => {
    const { id } = await consents.authorize(request(), NOW);
    expect((await consents.revoke(id, NOW)).state).toBe('revoked');
    expect((await consents.revoke(id, after(DAY))).state).toBe('revoked');
    expect((await rows())[0]?.revoked_at).toBe(NOW.getTime());
    expect(await consents.authorize(request(), after(DAY))).toMatchObject({ id, state: 'revoked' });
    expect((await consents.find(id, after(200 * DAY)))?.state).toBe('revoked');
  });

  it('ends by itself at its expiry and not a millisecond later', async () => {
    const { id } = await consents.authorize(request(), NOW);
    expect((await consents.find(id, after(90 * DAY - 1)))?.state).toBe('authorised');
    expect((await consents.find(id, after(90 * DAY)))?.state).toBe('expired');
    expect(await consents.authorize(request(), after(91 * DAY))).toMatchObject({ id, state: 'expired' });
  });

  it('gives fifty callers with one request one consent, from two replicas', async () => {
    const replica = await open<BankTables>(bankMigrations, { sameAs: store });
    const other = new ConsentStore({ db: replica.db, newId });
    const given = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? consents : other).authorize(request(), NOW)),
    );
    expect(new Set(given.map(({ id }) => id)).size).toBe(1);
    expect(await rows()).toHaveLength(1);
  });

  it('lets one of fifty contents win when they race for one request id', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => consents.authorize(request({ clientName: `Client ${index}` }), NOW)),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(49);
    for (const { reason } of refused) expect(reason).toMatchObject({ reason: 'request_id_reused' });
    expect(await rows()).toHaveLength(1);
  });

  it('does not care in which order accounts and actions are named', async () => {
    const first = await consents.authorize(request(), NOW);
    const turned = request({ accountIds: owned(ALICE, 1, 0), actions: ['read_balances', 'list_accounts'] });
    expect(await consents.authorize(turned, after(DAY))).toEqual(first);
  });

  it('records exactly what was agreed', async () => {
    const consent = await consents.authorize(request(), NOW);
    expect(consent).toEqual({
      id: expect.stringMatching(/^con_[A-Za-z0-9_-]{27}$/) as string,
      customerId: ALICE,
      clientId: 'tidepool',
      clientName: 'Tidepool',
      accountIds: owned(ALICE, 0, 1).toSorted(),
      actions: ['list_accounts', 'read_balances'],
      state: 'authorised',
      authorisedAt: NOW,
      expiresAt: after(90 * DAY),
    });
  });
});
