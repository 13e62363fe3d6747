import { chmodSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Dialect } from 'kysely';
import { BUSY_SLICE, nodeSqliteDialect, whenNotBusy } from './sqlite-driver.ts';
import type { SqliteConfig } from './store-config.ts';
import { StoreError } from './store-error.ts';

/** Opens (or makes) the database file, for its owner only. Throws {@link StoreError}. */
export async function sqliteDialect(config: SqliteConfig, home: string): Promise<Dialect> {
  const file = resolve(home, config.file);
  try {
    makePrivate(file, home);
    const database = new DatabaseSync(file, { timeout: BUSY_SLICE, enableForeignKeyConstraints: true });
    try {
      await whenNotBusy(() => makeDurable(database));
    } catch (error) {
      database.close();
      throw error;
    }
    return nodeSqliteDialect(database);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(
      `the SQLite file ${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      'Give this user a writable folder on a local disk, or move a damaged file away.',
      error,
    );
  }
}

/**
 * The file is made with mode 0600 before SQLite sees it (its -wal and -shm files take the same mode), so there is no
 * moment at which another user of the machine can open it. Folders below the home directory are ours and get 0700;
 * a folder elsewhere is the operator's and keeps its mode when it exists.
 */
function makePrivate(file: string, home: string): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const below = relative(resolve(home), folder);
  if (below !== '' && !below.startsWith('..')) chmodSync(folder, 0o700);
  closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600));
  chmodSync(file, 0o600);
}

/**
 * WAL lets readers and one writer work side by side; FULL syncs the log at each commit, because a redeemed code that a
 * power cut brings back could be redeemed again.
 */
function makeDurable(database: DatabaseSync): void {
  const mode = database.prepare('pragma journal_mode = wal').get()?.['journal_mode'];
  if (mode !== 'wal') throw new Error(`this file system allows only journal mode ${String(mode)}`);
  database.exec('pragma synchronous = full');
}
