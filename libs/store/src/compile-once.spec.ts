import { describe, expect, it } from 'vitest';
import { compileOnce } from './compile-once.ts';
import type { SharedTables } from './shared-tables.ts';
import { storesUnderTest } from './testing/stores-under-test.ts';

describe.each(storesUnderTest())('a query compiled once, on $name,', ({ open }) => {
  const inserting = async () => {
    const { db } = await open<SharedTables>({});
    const insert = compileOnce(db, (tables, kind: string, hash: string, used: number | null, until: number) =>
      tables
        .insertInto('single_use')
        .values({ kind, key_hash: hash, value: 'null', expires_at: until, used_at: used })
        .returning('key_hash'),
    );
    const find = compileOnce(db, (tables, kind: string, before: number) =>
      tables
        .selectFrom('single_use')
        .select(['key_hash', 'used_at'])
        .where('expires_at', '<', before)
        .where('kind', '=', kind)
        .orderBy('key_hash'),
    );
    return { db, insert, find };
  };

  it('refuses to be made when it would lose a value', async () => {
    const { db } = await open<SharedTables>({});
    expect(() =>
      compileOnce(db, (tables, _kind: string, hash: string) =>
        tables.selectFrom('single_use').selectAll().where('key_hash', '=', hash),
      ),
    ).toThrow('value 1 is not in the query');
  });

  it('takes other values in every run, each to its own place', async () => {
    const { db, insert, find } = await inserting();
    expect(await insert(db, 'code', 'a', null, 100)).toEqual([{ key_hash: 'a' }]);
    expect(await insert(db, 'code', 'b', 7, 200)).toEqual([{ key_hash: 'b' }]);
    await insert(db, 'request', 'c', null, 100);
    expect(await find(db, 'code', 150)).toEqual([{ key_hash: 'a', used_at: null }]);
    expect(await find(db, 'code', 250)).toEqual([
      { key_hash: 'a', used_at: null },
      { key_hash: 'b', used_at: 7 },
    ]);
    expect(await find(db, 'other', 250)).toEqual([]);
  });

  it('counts inside a transaction only when that commits', async () => {
    const { db, insert, find } = await inserting();
    const lost = db.transaction().execute(async (trx) => {
      await insert(trx, 'code', 'a', null, 100);
      expect(await find(trx, 'code', 150)).toHaveLength(1);
      throw new Error('changed my mind');
    });
    await expect(lost).rejects.toThrow('changed my mind');
    expect(await find(db, 'code', 150)).toEqual([]);
  });

  it('runs many times at once', async () => {
    const { db, insert, find } = await inserting();
    await Promise.all(Array.from({ length: 50 }, (_, n) => insert(db, 'code', `key-${n}`, n, 100)));
    const rows = await find(db, 'code', 150);
    expect(rows.every(({ key_hash: hash, used_at: used }) => hash === `key-${used}`)).toBe(true);
    expect(rows).toHaveLength(50);
  });
});
