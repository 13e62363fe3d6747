import type { Migration } from 'kysely/migration';

/** The table behind {@link SingleUse}. Times are integer milliseconds since 1970, JSON is text, on both engines. */
export interface SingleUseTable {
  kind: string;
  key_hash: string;
  value: string;
  expires_at: number;
  /** When the one use happened; 0 for a key that was recorded as used from the start. */
  used_at: number | null;
}

/** Tables that every store has, whatever the application adds. */
export interface SharedTables {
  single_use: SingleUseTable;
}

/** Column types are the ones both engines understand alike: text, integer, bigint. */
export const sharedMigrations: Record<string, Migration> = {
  '0001_single_use': {
    async up(db) {
      await db.schema
        .createTable('single_use')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('key_hash', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('used_at', 'bigint')
        .addPrimaryKeyConstraint('single_use_key', ['kind', 'key_hash'])
        .execute();
      await db.schema.createIndex('single_use_expiry').on('single_use').column('expires_at').execute();
    },
  },
};
