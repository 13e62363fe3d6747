import type { Migration } from '@holdfast/store';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_sessions': {
    async up(db) {
      await db.schema
        .createTable('sessions')
        .addColumn('id_hash', 'text', (column) => column.primaryKey())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0002_links': {
    async up(db) {
      await db.schema
        .createTable('links')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('session_hash', 'text', (column) => column.unique())
        .addColumn('issuer', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('linked_at', 'bigint', (column) => column.notNull())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .addColumn('actions', 'text', (column) => column.notNull())
        .addColumn('account_count', 'integer')
        .addColumn('authenticated_at', 'bigint', (column) => column.notNull())
        .addColumn('refresh_token', 'text')
        .addColumn('access_token', 'text')
        .addColumn('access_token_expires_at', 'bigint', (column) => column.notNull())
        .addColumn('access_token_thumbprint', 'text', (column) => column.notNull())
        .addColumn('renewed_at', 'bigint', (column) => column.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('retired_at', 'bigint')
        .execute();
    },
  },
  '0003_granted_until': {
    async up(db) {
      await db.schema.alterTable('links').addColumn('granted_until', 'bigint').execute();
    },
  },
};
