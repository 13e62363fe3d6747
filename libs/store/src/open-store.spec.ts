import { describe, expect, it } from 'vitest';
import { openStore } from './open-store.ts';
import { StoreError } from './store-error.ts';
import { databaseOf, startReplica, storesUnderTest } from './testing/index.ts';
import type { Migration } from './index.ts';

interface Ledger {
  entry: { id: string; amount: number };
}

const createLedger: Migration = {
  up: async (db) => {
    await db.schema
      .createTable('entry')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('amount', 'bigint', (column) => column.notNull())
      .execute();
  },
};
const ledger = { '0001_ledger': createLedger };

const tooMuch = async (): Promise<never> => {
  throw new Error('insufficient funds');
};

describe.each(storesUnderTest())('a store on $name', ({ open, create }) => {
  describe('migrating', () => {
    it('refuses a database that a newer version has migrated, in one line with a remedy', async () => {
      const newer = await open({ ...ledger, '0002_later': { up: async () => undefined } });
      const older = open(ledger, { sameAs: newer });
      await expect(older).rejects.toThrow(StoreError);
      await expect(older).rejects.toMatchObject({
        message: 'the database knows migration 0002_later, which this version does not',
        remedy: expect.stringContaining('newer version'),
      });
    });

    it('refuses a migration slipped in before one that ran', async () => {
      const store = await open(ledger);
      const slipped = open({ ...ledger, '0000_earlier': { up: async () => undefined } }, { sameAs: store });
      await expect(slipped).rejects.toThrow(StoreError);
    });

    it('leaves nothing of a failed run behind, and names the migration that failed', async () => {
      const database = await create();
      const failing = openStore(database.config, {
        home: database.home,
        migrations: { ...ledger, '0002_broken': { up: tooMuch } },
      });
      await expect(failing).rejects.toMatchObject({
        message: 'migration 0002_broken failed: insufficient funds',
        remedy: expect.stringContaining('Nothing was changed'),
      });
      const store = await openStore<Ledger>(database.config, { home: database.home, migrations: ledger });
      expect(await store.db.selectFrom('entry').selectAll().execute()).toEqual([]);
      await store.close();
    });

    it('runs each migration once when eight replicas start at the same moment', async () => {
      const database = await create();
      let runs = 0;
      const counted: Migration = {
        up: async (db) => {
          runs++;
          await createLedger.up(db);
        },
      };
      const options = { home: database.home, migrations: { '0001_ledger': counted } };
      const stores = await Promise.all(Array.from({ length: 8 }, () => openStore<Ledger>(database.config, options)));
      expect(runs).toBe(1);
      await Promise.all(stores.map((store) => store.close()));
    });

    it('lets four processes start at the same moment on an empty database', async () => {
      const database = await create();
      const replicas = await Promise.all([1, 2, 3, 4].map(() => startReplica(database)));
      await Promise.all(replicas.map((replica) => replica.kill()));
    });
  });

  describe('a transaction', () => {
    it('does not swallow a query that runs beside it', async () => {
      const store = await open<Ledger>(ledger);
      const failing = store.db.transaction().execute(async (trx) => {
        await trx.insertInto('entry').values({ id: 'inside', amount: 1 }).execute();
        beside = store.db.insertInto('entry').values({ id: 'beside', amount: 2 }).execute();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return tooMuch();
      });
      let beside: Promise<unknown> | undefined;
      await expect(failing).rejects.toThrow('insufficient funds');
      await beside;
      expect(await store.db.selectFrom('entry').select('id').execute()).toEqual([{ id: 'beside' }]);
    });

    it('is not seen from outside before it commits', async () => {
      const store = await open<Ledger>(ledger);
      const replica = await open<Ledger>(ledger, { sameAs: store });
      await store.db.transaction().execute(async (trx) => {
        await trx.insertInto('entry').values({ id: 'inside', amount: 1 }).execute();
        expect(await replica.db.selectFrom('entry').selectAll().execute()).toEqual([]);
      });
      expect(await replica.db.selectFrom('entry').selectAll().execute()).toEqual([{ id: 'inside', amount: 1 }]);
    });

    it('makes a writer of another replica wait instead of failing', async () => {
      const store = await open<Ledger>(ledger);
      const replica = await open<Ledger>(ledger, { sameAs: store });
      await store.db.insertInto('entry').values({ id: 'shared', amount: 1 }).execute();
      const add = (target: typeof store): Promise<unknown> =>
        target.db.transaction().execute(async (trx) => {
          await trx
            .updateTable('entry')
            .set((row) => ({ amount: row('amount', '+', 1) }))
            .execute();
          await new Promise((resolve) => setTimeout(resolve, 30));
        });
      await Promise.all([add(store), add(replica), add(store), add(replica)]);
      expect(await store.db.selectFrom('entry').select('amount').execute()).toEqual([{ amount: 5 }]);
    });
  });

  it('refuses an integer that a number cannot hold, rather than round an amount', async () => {
    const store = await open<Ledger>(ledger);
    const huge = 2n ** 53n + 1n;
    await store.db
      .insertInto('entry')
      .values({ id: 'huge', amount: huge as unknown as number })
      .execute();
    await expect(store.db.selectFrom('entry').select('amount').execute()).rejects.toThrow(RangeError);
  });

  it('gives bigints, counts and rows alike on both engines', async () => {
    const store = await open<Ledger>(ledger);
    const amount = Number.MAX_SAFE_INTEGER;
    await store.db.insertInto('entry').values({ id: 'a', amount }).execute();
    expect(await store.db.selectFrom('entry').selectAll().execute()).toStrictEqual([{ id: 'a', amount }]);
    const count = store.db.selectFrom('entry').select((row) => row.fn.countAll<number>().as('count'));
    expect(await count.execute()).toStrictEqual([{ count: 1 }]);
    const { numUpdatedRows } = await store.db.updateTable('entry').set({ amount: 1 }).executeTakeFirstOrThrow();
    expect(numUpdatedRows).toBe(1n);
  });

  it('keeps what was written when it is opened again', async () => {
    const store = await open<Ledger>(ledger);
    await store.db.insertInto('entry').values({ id: 'kept', amount: 1 }).execute();
    await store.close();
    const { config, home } = databaseOf(store);
    const again = await openStore<Ledger>(config, { home, migrations: ledger });
    expect(await again.db.selectFrom('entry').select('id').execute()).toEqual([{ id: 'kept' }]);
    await again.close();
  });

  it('answers a ping while it is open, and may be closed twice', async () => {
    const store = await open();
    await store.ping();
    await store.close();
    await store.close();
    await expect(store.ping()).rejects.toThrow(StoreError);
  });
});
