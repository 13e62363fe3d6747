import { beforeAll, describe, expect, it } from 'vitest';
import { DuplicateKey } from '../single-use.ts';
import type { SingleUse } from '../single-use.ts';
import type { Store } from '../open-store.ts';
import { singleUseRaces } from './single-use-races.ts';
import type { EngineUnderTest } from './stores-under-test.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const IN_A_MINUTE = new Date(NOW.getTime() + 60_000);
const DAY = 24 * 3_600_000;

/** Declares the tests every engine must pass: refusals, 50-way races, two replicas, the death of a process. */
export function singleUseContract(open: EngineUnderTest['open']): void {
  describe('single use', () => {
    let store: Store;
    let verbs: SingleUse;
    beforeAll(async () => {
      store = await open();
      verbs = store.singleUse;
    });
    const dump = async (): Promise<string> =>
      JSON.stringify(await store.db.selectFrom('single_use').selectAll().execute());

    refusals(() => verbs);
    replacing(() => verbs);
    transactions(
      () => store,
      () => verbs,
    );
    sweeping(() => verbs);

    it('keeps no key that could be presented: a copy of the table redeems nothing', async () => {
      await verbs.create('code', 'secret-code', { client: 'tidepool' }, IN_A_MINUTE);
      await verbs.recordOnce('jti', 'secret-jti', IN_A_MINUTE);
      await verbs.replace('code', 'secret-code', 'secret-successor', null, IN_A_MINUTE, NOW);
      expect(await dump()).not.toContain('secret-');
    });

    it('gives back the value as it was stored', async () => {
      const value = { text: 'Zürich ✓ \u0000', list: [1, 2.5, null, { deep: true }], empty: {} };
      await verbs.create('code', 'with a value', value, IN_A_MINUTE);
      expect(await verbs.find('code', 'with a value', NOW)).toEqual({
        value,
        used: false,
        expired: false,
        expiresAt: IN_A_MINUTE,
      });
      expect(await verbs.redeem('code', 'with a value', NOW)).toEqual({ won: true, value });
    });
  });
  singleUseRaces(open);
}

function refusals(verbs: () => SingleUse): void {
  it('refuses a key that was never created', async () => {
    expect(await verbs().redeem('code', 'unheard of', NOW)).toEqual({ won: false, why: 'absent' });
    expect(await verbs().find('code', 'unheard of', NOW)).toBeUndefined();
  });

  it('refuses a key of another kind: a request_uri is no code', async () => {
    await verbs().create('request_uri', 'one kind', 1, IN_A_MINUTE);
    expect(await verbs().redeem('code', 'one kind', NOW)).toEqual({ won: false, why: 'absent' });
  });

  it('refuses at the very millisecond of expiry, and no longer finds the value', async () => {
    await verbs().create('code', 'late', 1, IN_A_MINUTE);
    expect(await verbs().redeem('code', 'late', IN_A_MINUTE)).toEqual({ won: false, why: 'expired', value: 1 });
    expect(await verbs().find('code', 'late', IN_A_MINUTE)).toBeUndefined();
  });

  it('refuses the second use and says what the first one took, so that it can be revoked [RFC6749-4.1.2]', async () => {
    await verbs().create('code', 'twice', { grant: 'g1' }, IN_A_MINUTE);
    expect(await verbs().redeem('code', 'twice', NOW)).toEqual({ won: true, value: { grant: 'g1' } });
    expect(await verbs().redeem('code', 'twice', NOW)).toEqual({ won: false, why: 'used', value: { grant: 'g1' } });
  });

  it('still calls it used, not expired, when the second use comes late [RFC6749-4.1.2]', async () => {
    await verbs().create('code', 'late replay', 1, IN_A_MINUTE);
    await verbs().redeem('code', 'late replay', NOW);
    expect(await verbs().redeem('code', 'late replay', IN_A_MINUTE)).toMatchObject({ won: false, why: 'used' });
    expect(await verbs().find('code', 'late replay', IN_A_MINUTE)).toMatchObject({ used: true, expired: true });
  });

  it('refuses to create a key twice, and does not name it', async () => {
    await verbs().create('code', 'taken', 1, IN_A_MINUTE);
    const again = verbs().create('code', 'taken', 2, IN_A_MINUTE);
    await expect(again).rejects.toThrow(DuplicateKey);
    await expect(again).rejects.not.toThrow('taken');
    expect(await verbs().redeem('code', 'taken', NOW)).toEqual({ won: true, value: 1 });
  });

  it('refuses an assertion id that was recorded before, and never redeems one [RFC7523-3]', async () => {
    expect(await verbs().recordOnce('jti', 'a1', IN_A_MINUTE)).toBe(true);
    expect(await verbs().recordOnce('jti', 'a1', IN_A_MINUTE)).toBe(false);
    expect(await verbs().redeem('jti', 'a1', NOW)).toMatchObject({ won: false, why: 'used' });
  });
}

function replacing(verbs: () => SingleUse): void {
  it.each([
    ['absent', async () => undefined],
    [
      'used',
      async (key: string) =>
        verbs()
          .create('token', key, 1, IN_A_MINUTE)
          .then(() => verbs().redeem('token', key, NOW)),
    ],
    ['expired', async (key: string) => verbs().create('token', key, 1, NOW)],
  ])('does not replace what is %s, and writes nothing', async (state, prepare) => {
    await prepare(`${state} token`);
    expect(await verbs().replace('token', `${state} token`, `after ${state}`, 2, IN_A_MINUTE, NOW)).toBe(false);
    expect(await verbs().find('token', `after ${state}`, NOW)).toBeUndefined();
  });

  it('does not retire the old key when the new one is taken', async () => {
    await verbs().create('token', 'old', 1, IN_A_MINUTE);
    await verbs().create('token', 'not new', 1, IN_A_MINUTE);
    await expect(verbs().replace('token', 'old', 'not new', 2, IN_A_MINUTE, NOW)).rejects.toThrow(DuplicateKey);
    expect(await verbs().redeem('token', 'old', NOW)).toMatchObject({ won: true });
  });

  it('retires the old key and stores the new one', async () => {
    await verbs().create('token', 'first', 1, IN_A_MINUTE);
    expect(await verbs().replace('token', 'first', 'second', 2, IN_A_MINUTE, NOW)).toBe(true);
    expect(await verbs().redeem('token', 'first', NOW)).toEqual({ won: false, why: 'used', value: 1 });
    expect(await verbs().redeem('token', 'second', NOW)).toEqual({ won: true, value: 2 });
  });
}

function transactions(store: () => Store, verbs: () => SingleUse): void {
  it('takes nothing when the transaction around it fails', async () => {
    await verbs().create('code', 'kept', 1, IN_A_MINUTE);
    const failing = store()
      .db.transaction()
      .execute(async (trx) => {
        const inside = verbs().within(trx);
        expect(await inside.redeem('code', 'kept', NOW)).toMatchObject({ won: true });
        expect(await inside.recordOnce('jti', 'kept', IN_A_MINUTE)).toBe(true);
        expect(await inside.replace('code', 'kept', 'x', 1, IN_A_MINUTE, NOW)).toBe(false);
        throw new Error('the rest went wrong');
      });
    await expect(failing).rejects.toThrow('the rest went wrong');
    expect(await verbs().recordOnce('jti', 'kept', IN_A_MINUTE)).toBe(true);
    expect(await verbs().redeem('code', 'kept', NOW)).toMatchObject({ won: true });
  });

  it('leaves the transaction usable after a duplicate key', async () => {
    await verbs().create('code', 'duplicate inside', 1, IN_A_MINUTE);
    await store()
      .db.transaction()
      .execute(async (trx) => {
        const inside = verbs().within(trx);
        await expect(inside.create('code', 'duplicate inside', 2, IN_A_MINUTE)).rejects.toThrow(DuplicateKey);
        await inside.create('code', 'created after it', 3, IN_A_MINUTE);
      });
    expect(await verbs().redeem('code', 'created after it', NOW)).toEqual({ won: true, value: 3 });
  });
}

function sweeping(verbs: () => SingleUse): void {
  it('sweeps what nobody can win, but keeps used rows a day so that a replay is still seen [RFC6749-4.1.2]', async () => {
    const at = (milliseconds: number): Date => new Date(IN_A_MINUTE.getTime() + milliseconds);
    await verbs().sweep(at(10 * DAY));
    await verbs().create('code', 'swept unused', 1, IN_A_MINUTE);
    await verbs().create('code', 'swept used', 1, IN_A_MINUTE);
    await verbs().redeem('code', 'swept used', NOW);
    await verbs().recordOnce('jti', 'swept jti', IN_A_MINUTE);
    await verbs().create('code', 'still valid', 1, at(2 * DAY));

    expect(await verbs().sweep(IN_A_MINUTE)).toBe(0);
    expect(await verbs().sweep(at(5 * 60_000))).toBe(2);
    expect(await verbs().redeem('code', 'swept used', at(DAY - 1))).toMatchObject({ why: 'used' });
    expect(await verbs().sweep(at(DAY))).toBe(1);
    expect(await verbs().redeem('code', 'still valid', at(DAY))).toMatchObject({ won: true });
  });
}
