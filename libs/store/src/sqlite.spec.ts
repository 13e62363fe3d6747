import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStore } from './open-store.ts';
import type { Store } from './open-store.ts';
import { StoreError } from './store-error.ts';

let home: string;
let store: Store | undefined;
const open = async (file = 'data/bank.sqlite'): Promise<Store> => {
  store = await openStore({ engine: 'sqlite', file }, { home, migrations: {} });
  return store;
};
const mode = (path: string): string => (statSync(join(home, path)).mode & 0o777).toString(8);

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-home-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await store?.close();
  store = undefined;
  rmSync(home, { recursive: true });
});

describe('refuses, in one line with a remedy,', () => {
  it('a file that is no database', async () => {
    writeFileSync(join(home, 'letter.txt'), 'Dear Alice, this is not a database. '.repeat(100));
    await expect(open('letter.txt')).rejects.toMatchObject({
      name: 'StoreError',
      message: expect.stringMatching(/^the SQLite file .*letter\.txt cannot be opened: file is not a database$/),
      remedy: expect.stringContaining('move a damaged file away'),
    });
  });

  it('a path that cannot be made', async () => {
    writeFileSync(join(home, 'data'), 'a file where the folder should be');
    await expect(open()).rejects.toThrow(StoreError);
  });

  it('a query on the store that waits inside its own transaction, instead of hanging for ever', async () => {
    const { db } = await open();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stuck = db.transaction().execute(() => db.selectFrom('single_use').selectAll().execute());
    const refused = expect(stuck).rejects.toMatchObject({
      message: 'no turn at the SQLite connection within 5 s',
      remedy: expect.stringContaining('query only through the transaction'),
    });
    await vi.advanceTimersByTimeAsync(5_000);
    await refused;
    expect(await db.selectFrom('single_use').selectAll().execute()).toEqual([]);
  });

  it('a file that another process keeps locked', async () => {
    const { db } = await open();
    const other = new DatabaseSync(join(home, 'data/bank.sqlite'));
    other.exec('begin immediate');
    vi.useFakeTimers({ toFake: ['performance'] });
    const locked = expect(db.deleteFrom('single_use').execute()).rejects.toMatchObject({
      message: 'the SQLite file is locked by another process',
      remedy: expect.stringContaining('postgres'),
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    vi.advanceTimersByTime(6_000);
    await locked;
    other.close();
  });
});

it('makes the file for its owner only, and the folder below the home directory too', async () => {
  mkdirSync(join(home, 'data'), { mode: 0o755 });
  await (await open()).singleUse.recordOnce('jti', 'a', new Date());
  expect(mode('data')).toBe('700');
  expect(['data/bank.sqlite', 'data/bank.sqlite-wal', 'data/bank.sqlite-shm'].map(mode)).toEqual(['600', '600', '600']);
});

it('takes back a mode that lets others read', async () => {
  await (await open()).close();
  chmodSync(join(home, 'data/bank.sqlite'), 0o644);
  await open();
  expect(mode('data/bank.sqlite')).toBe('600');
});

it('does not touch the mode of a folder outside the home directory', async () => {
  const outside = join(home, 'outside');
  mkdirSync(outside, { mode: 0o755 });
  store = await openStore(
    { engine: 'sqlite', file: join(outside, 'x.sqlite') },
    { home: join(home, 'home'), migrations: {} },
  );
  expect(mode('outside')).toBe('755');
  expect(mode('outside/x.sqlite')).toBe('600');
});

it('syncs each commit to the disk, and enforces foreign keys', async () => {
  const { db } = await open();
  const pragma = async (name: string): Promise<unknown> =>
    Object.values((await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db)).rows[0] ?? {})[0];
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('synchronous')).toBe(2);
  expect(await pragma('foreign_keys')).toBe(1);
});

it('keeps statements prepared through a change of the schema, and more of them than it keeps', async () => {
  const { db } = await open();
  await sql`create table note (id integer)`.execute(db);
  await sql`insert into note values (1)`.execute(db);
  const all = () => sql`select * from note`.execute(db);
  expect((await all()).rows).toEqual([{ id: 1 }]);
  await sql`alter table note add column word text default 'new'`.execute(db);
  expect((await all()).rows).toEqual([{ id: 1, word: 'new' }]);
  for (let n = 0; n < 300; n++) await sql`select ${sql.raw(String(n))} as n`.execute(db);
  expect((await all()).rows).toEqual([{ id: 1, word: 'new' }]);
});
