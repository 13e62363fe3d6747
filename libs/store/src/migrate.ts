import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migration } from 'kysely/migration';
import type { SharedTables } from './shared-tables.ts';
import { StoreError } from './store-error.ts';

/**
 * Brings one history of migrations up to date. Replicas that start together queue up: on PostgreSQL behind the
 * Migrator's advisory lock, on SQLite behind the write lock of the transaction. On both, a migration that fails leaves
 * nothing behind. Throws {@link StoreError}.
 *
 * @param history the table that remembers what ran; the shared tables and the application keep separate ones, so that a
 *   later shared migration need not sort after the application's
 */
export async function migrate(
  db: Kysely<SharedTables>,
  history: string,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: history,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const unknown = await ranButUnknown(db, history, migrations);
  if (unknown !== undefined) {
    throw new StoreError(
      `the database knows migration ${unknown}, which this version does not`,
      'Start the newer version that migrated it, or restore a backup from before; each application needs its own database.',
      error,
    );
  }
  const failed = results?.find((result) => result.status === 'Error');
  throw new StoreError(
    `${failed ? `migration ${failed.migrationName}` : 'migrating the database'} failed: ${firstLine(error)}`,
    'Nothing was changed. Correct the cause, or start the version that ran before.',
    error,
  );
}

/** The first migration that ran here but is not among ours; undefined as well when the history cannot be read. */
async function ranButUnknown(
  db: Kysely<SharedTables>,
  history: string,
  migrations: Readonly<Record<string, Migration>>,
): Promise<string | undefined> {
  const tables = db as unknown as Kysely<Record<string, { name: string }>>;
  try {
    const rows = await tables.selectFrom(history).select('name').orderBy('name').execute();
    return rows.find((row) => !Object.hasOwn(migrations, row.name))?.name;
  } catch {
    return undefined;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
