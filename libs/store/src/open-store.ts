import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { SharedTables } from './shared-tables.ts';
import type { SingleUse } from './single-use.ts';
import type { StoreConfig } from './store-config.ts';

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
  throw new Error(`not built yet: ${config.engine} in ${options.home}`);
}
