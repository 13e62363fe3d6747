import { Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { migrate } from './migrate.ts';
import { postgresDialect, postgresUnreachable } from './postgres.ts';
import { sharedMigrations } from './shared-tables.ts';
import type { SharedTables } from './shared-tables.ts';
import { singleUseOn } from './single-use-verbs.ts';
import type { SingleUse } from './single-use.ts';
import { sqliteDialect } from './sqlite.ts';
import type { StoreConfig } from './store-config.ts';
import { StoreError } from './store-error.ts';

/** How long readiness, and the start, wait for an answer, in milliseconds. Our choice. */
const PING_PATIENCE = 2_000;
const START_PATIENCE = 10_000;

/** One database door: the application's tables, the shared ones, and the verbs that must be atomic. */
export interface Store<Schema = object> {
  readonly engine: 'sqlite' | 'postgres';
  /**
   * Bigint columns and counts come back as numbers on both engines. Inside `db.transaction()` use only the
   * transaction: a query on `db` awaited there waits for the connection that its own transaction holds.
   */
  readonly db: Kysely<Schema & SharedTables>;
  readonly singleUse: SingleUse;
  /** Resolves when the database answers within two seconds; throws {@link StoreError} otherwise. */
  ping(): Promise<void>;
  /** Closes every connection. May be called twice. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Relative paths in the configuration start here. */
  readonly home: string;
  /** The application's migrations, run in the order of their names; each runs once per database. */
  readonly migrations: Readonly<Record<string, Migration>>;
}

/** Opens the configured database and brings its schema up to date. Throws {@link StoreError}, one line and a remedy. */
export async function openStore<Schema = object>(config: StoreConfig, options: StoreOptions): Promise<Store<Schema>> {
  const dialect =
    config.engine === 'sqlite' ? await sqliteDialect(config, options.home) : postgresDialect(config, options.home);
  const db = new Kysely<SharedTables>({ dialect });
  try {
    await ping(config, db, START_PATIENCE);
    await migrate(db, 'store_migration', sharedMigrations);
    await migrate(db, 'kysely_migration', options.migrations);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    engine: config.engine,
    // The application's tables are known to the types alone: its migrations made them.
    db: db as unknown as Kysely<Schema & SharedTables>,
    singleUse: singleUseOn(db),
    ping: () => ping(config, db, PING_PATIENCE),
    close: () => db.destroy(),
  };
}

async function ping(config: StoreConfig, db: Kysely<SharedTables>, patience: number): Promise<void> {
  try {
    await sql`select 1`.execute(db, { signal: AbortSignal.timeout(patience) });
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (config.engine === 'postgres') throw postgresUnreachable(config, error);
    throw new StoreError(
      `the SQLite file ${config.file} does not answer`,
      'Check the disk and the file, then start again.',
      error,
    );
  }
}
