import type { Kysely, Transaction } from 'kysely';
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
  return verbs(db, (work) => db.transaction().execute(work));
}

function verbs(db: Tables, atomically: Atomically): SingleUse {
  return {
    create: async (kind, key, value, expiresAt) => {
      if (!(await insertOnce(db, kind, key, value, expiresAt, null))) throw new DuplicateKey(kind);
    },
    find: (kind, key, now) => find(db, kind, key, now),
    redeem: (kind, key, now) => redeem(db, kind, key, now),
    recordOnce: (kind, key, expiresAt) => insertOnce(db, kind, key, null, expiresAt, RECORDED),
    replace: (kind, oldKey, newKey, value, expiresAt, now) =>
      atomically(async (trx) => {
        if ((await retire(trx, kind, oldKey, now)) === undefined) return false;
        if (!(await insertOnce(trx, kind, newKey, value, expiresAt, null))) throw new DuplicateKey(kind);
        return true;
      }),
    sweep: (now) => sweep(db, now),
    within: <DB extends SharedTables>(trx: Transaction<DB>) => {
      const tables = trx as unknown as Tables;
      return verbs(tables, (work) => work(tables));
    },
  };
}

async function insertOnce(
  db: Tables,
  kind: string,
  key: string,
  value: JsonValue,
  expiresAt: Date,
  usedAt: number | null,
): Promise<boolean> {
  const inserted = await db
    .insertInto('single_use')
    .values({
      kind,
      key_hash: hashKey(key),
      value: JSON.stringify(value),
      expires_at: expiresAt.getTime(),
      used_at: usedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('kind')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Marks the row used if it still may be; gives its value to the one who did. */
async function retire(db: Tables, kind: string, key: string, now: Date): Promise<string | undefined> {
  const row = await db
    .updateTable('single_use')
    .set({ used_at: now.getTime() })
    .where('kind', '=', kind)
    .where('key_hash', '=', hashKey(key))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now.getTime())
    .returning('value')
    .executeTakeFirst();
  return row?.value;
}

async function redeem<T>(db: Tables, kind: string, key: string, now: Date): Promise<Redeemed<T>> {
  const taken = await retire(db, kind, key, now);
  if (taken !== undefined) return { won: true, value: JSON.parse(taken) as T };
  const row = await look(db, kind, key);
  if (row === undefined) return { won: false, why: 'absent' };
  const value = JSON.parse(row.value) as T;
  if (row.used_at !== null) return { won: false, why: 'used', value };
  if (row.expires_at <= now.getTime()) return { won: false, why: 'expired', value };
  // Created between our two statements: it was not there when we asked.
  return { won: false, why: 'absent' };
}

async function find<T>(db: Tables, kind: string, key: string, now: Date): Promise<Found<T> | undefined> {
  const row = await look(db, kind, key);
  if (row === undefined) return undefined;
  const used = row.used_at !== null;
  const expired = row.expires_at <= now.getTime();
  if (expired && !used) return undefined;
  return { value: JSON.parse(row.value) as T, used, expired, expiresAt: new Date(row.expires_at) };
}

async function look(db: Tables, kind: string, key: string) {
  return db
    .selectFrom('single_use')
    .select(['value', 'expires_at', 'used_at'])
    .where('kind', '=', kind)
    .where('key_hash', '=', hashKey(key))
    .executeTakeFirst();
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
