import type { Migration } from '@holdfast/store';
import type { Kysely } from 'kysely';

/** One schema for SQLite and PostgreSQL: texts and bigints, nothing of either dialect. */
export const authorityMigrations: Record<string, Migration> = {
  '0001-register': { up: createRegister },
  '0002-trust': { up: createTrust },
  '0003-instances': { up: acknowledgePerInstance },
};

async function createRegister(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('certificates')
    .addColumn('serial', 'text', (column) => column.primaryKey())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('thumbprint', 'text', (column) => column.notNull().unique())
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('not_before', 'bigint', (column) => column.notNull())
    .addColumn('not_after', 'bigint', (column) => column.notNull())
    .addColumn('asked_by', 'text', (column) => column.notNull())
    .addColumn('authenticated', 'text', (column) => column.notNull())
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('revocation_reason', 'text')
    .execute();
  await db.schema.createIndex('certificates_by_name').on('certificates').columns(['name', 'issued_at']).execute();
  await db.schema.createIndex('certificates_revoked').on('certificates').columns(['issuer', 'revoked_at']).execute();
  await db.schema
    .createTable('revisions')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .execute();
}

async function createTrust(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('revocation_lists')
    .addColumn('issuer', 'text', (column) => column.primaryKey())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('pem', 'text', (column) => column.notNull())
    .addColumn('next_update', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('trust_states')
    .addColumn('version', 'bigint', (column) => column.primaryKey())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('acknowledgements')
    .addColumn('holder', 'text', (column) => column.primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('certificates', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('rotations')
    .addColumn('purpose', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('phase', 'bigint', (column) => column.notNull())
    .addColumn('old_issuer', 'text', (column) => column.notNull())
    .addColumn('new_issuer', 'text', (column) => column.notNull())
    .addColumn('began_at', 'bigint', (column) => column.notNull())
    .addColumn('phase_at', 'bigint', (column) => column.notNull())
    .addColumn('version', 'bigint')
    .execute();
}

/** What was told is told again within seconds by whoever runs. */
async function acknowledgePerInstance(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('acknowledgements').execute();
  await db.schema
    .createTable('acknowledgements')
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('instance', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('certificates', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('acknowledgements_key', ['holder', 'instance'])
    .execute();
}
