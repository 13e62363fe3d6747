import type { Kysely, Transaction } from 'kysely';
import { compileOnce } from './compile-once.ts';
import { hashKey } from './hash-key.ts';
import type { SharedTables } from './shared-tables.ts';
import { DuplicateKey } from './single-use.ts';
import type { Found, JsonValue, Redeemed, SingleUse } from './single-use.ts';

/*
 * Why READ COMMITTED is enough, verb by verb (SQLite is stricter: it has one writer at a time):
 * - insertOnce: the primary key is checked against all transactions, seen or not. A rival's uncommitted row makes us
 *   wait; if it commits we insert nothing, if it rolls back we insert.
 * - retire (redeem, replace): a rival's uncommitted update of the row makes ours wait for it and then judge `used_at is
 *   null` again on the new row. So the second of two sees the first. Under REPEATABLE READ it would fail instead.
 * - the look after a lost redeem decides nothing: it only words the refusal.
 * - replace: losing the update ends it before the insert; the row lock is held until both are committed.
 * - sweep: it only deletes rows whose time is over, and `retire` demands that it is not.
 */

type Tables = Kysely<SharedTables>;
type Atomically = <T>(work: (trx: Tables) => Promise<T>) => Promise<T>;

/** A recorded key counts as used from the start: it can never be redeemed. */
const RECORDED = 0;

/** Replicas' clocks differ; a row may go only when it is past its time on all of them. Milliseconds, our choice. */
const CLOCK_TOLERANCE = 5 * 60_000;

// RFC6749-4.1.2: a code used twice should revoke what the first use gave; so the used row outlives the code. Our choice.
const USED_ROWS_STAY = 24 * 3_600_000;

/** The verbs on a database; `replace` opens a transaction of its own. */
export function singleUseOn(db: Tables): SingleUse {
  return verbs(db, queriesFor(db), (work) => db.transaction().execute(work));
}

type Queries = ReturnType<typeof queriesFor>;

/** What most requests wait for. */
function queriesFor(db: Tables) {
  return {
    insertOnce: compileOnce(
      db,
      (tables, kind: string, keyHash: string, value: string, expiresAt: number, usedAt: number | null) =>
        tables
          .insertInto('single_use')
          .values({ kind, key_hash: keyHash, value, expires_at: expiresAt, used_at: usedAt })
          .onConflict((conflict) => conflict.doNothing())
          .returning('kind'),
    ),
    retire: compileOnce(db, (tables, usedAt: number, kind: string, keyHash: string, now: number) =>
      tables
        .updateTable('single_use')
        .set({ used_at: usedAt })
        .where('kind', '=', kind)
        .where('key_hash', '=', keyHash)
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .returning('value'),
    ),
    look: compileOnce(db, (tables, kind: string, keyHash: string) =>
      tables
        .selectFrom('single_use')
        .select(['value', 'expires_at', 'used_at'])
        .where('kind', '=', kind)
        .where('key_hash', '=', keyHash),
    ),
  };
}

function verbs(db: Tables, queries: Queries, atomically: Atomically): SingleUse {
  const on = { db, queries };
  return {
    create: async (kind, key, value, expiresAt) => {
      if (!(await insertOnce(on, kind, key, value, expiresAt, null))) throw new DuplicateKey(kind);
    },
    find: (kind, key, now) => find(on, kind, key, now),
    redeem: (kind, key, now) => redeem(on, kind, key, now),
    recordOnce: (kind, key, expiresAt) => insertOnce(on, kind, key, null, expiresAt, RECORDED),
    replace: (kind, oldKey, newKey, value, expiresAt, now) =>
      atomically(async (trx) => {
        const within = { db: trx, queries };
        if ((await retire(within, kind, oldKey, now)) === undefined) return false;
        if (!(await insertOnce(within, kind, newKey, value, expiresAt, null))) throw new DuplicateKey(kind);
        return true;
      }),
    sweep: (now) => sweep(db, now),
    within: <DB extends SharedTables>(trx: Transaction<DB>) => {
      const tables = trx as unknown as Tables;
      return verbs(tables, queries, (work) => work(tables));
    },
  };
}

/** A database or a transaction, and the queries to ask it. */
interface Asked {
  readonly db: Tables;
  readonly queries: Queries;
}

async function insertOnce(
  { db, queries }: Asked,
  kind: string,
  key: string,
  value: JsonValue,
  expiresAt: Date,
  usedAt: number | null,
): Promise<boolean> {
  const inserted = await queries.insertOnce(db, kind, hashKey(key), JSON.stringify(value), expiresAt.getTime(), usedAt);
  return inserted.length > 0;
}

/** Marks the row used if it still may be; gives its value to the one who did. */
async function retire({ db, queries }: Asked, kind: string, key: string, now: Date): Promise<string | undefined> {
  const [row] = await queries.retire(db, now.getTime(), kind, hashKey(key), now.getTime());
  return row?.value;
}

async function redeem<T>(asked: Asked, kind: string, key: string, now: Date): Promise<Redeemed<T>> {
  const taken = await retire(asked, kind, key, now);
  if (taken !== undefined) return { won: true, value: JSON.parse(taken) as T };
  const row = await look(asked, kind, key);
  if (row === undefined) return { won: false, why: 'absent' };
  const value = JSON.parse(row.value) as T;
  if (row.used_at !== null) return { won: false, why: 'used', value };
  if (row.expires_at <= now.getTime()) return { won: false, why: 'expired', value };
  // Created between our two statements: it was not there when we asked.
  return { won: false, why: 'absent' };
}

async function find<T>(asked: Asked, kind: string, key: string, now: Date): Promise<Found<T> | undefined> {
  const row = await look(asked, kind, key);
  if (row === undefined) return undefined;
  const used = row.used_at !== null;
  const expired = row.expires_at <= now.getTime();
  if (expired && !used) return undefined;
  return { value: JSON.parse(row.value) as T, used, expired, expiresAt: new Date(row.expires_at) };
}

async function look({ db, queries }: Asked, kind: string, key: string) {
  const [row] = await queries.look(db, kind, hashKey(key));
  return row;
}

async function sweep(db: Tables, now: Date): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('single_use')
    .where('expires_at', '<=', now.getTime() - CLOCK_TOLERANCE)
    .where((row) =>
      row.or([
        row('used_at', 'is', null),
        row('used_at', '=', RECORDED),
        row('expires_at', '<=', now.getTime() - USED_ROWS_STAY),
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
