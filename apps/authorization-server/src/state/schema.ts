import type { Migration, SharedTables } from '@holdfast/store';

/** Times are epoch milliseconds, lists are JSON text: the same on both engines. */
export interface AuthorizationTables {
  oauth_grant: {
    id: string;
    client_id: string;
    subject: string;
    scopes: string;
    authorization_details: string;
    consent_id: string | null;
    created_at: number;
    expires_at: number;
    revoked_at: number | null;
    /** When the bank was told that the consent is over. */
    consent_ended_at: number | null;
  };
  revocation: {
    kind: 'grant' | 'access_token';
    id: string;
    cause: string;
    revoked_at: number;
    /** From here on no token this concerns can be alive. */
    until: number;
  };
  browser_session: {
    id_hash: string;
    csrf: string;
    subject: string | null;
    authenticated_at: number | null;
    last_seen_at: number;
    expires_at: number;
  };
  taken_up_request: {
    session_hash: string;
    request_hash: string;
    client_id: string;
    taken_up_at: number;
    expires_at: number;
  };
}

export type AuthorizationSchema = AuthorizationTables & SharedTables;

export const migrations: Record<string, Migration> = {
  '0001_grants': {
    async up(db) {
      await db.schema
        .createTable('oauth_grant')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('client_id', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('scopes', 'text', (c) => c.notNull())
        .addColumn('authorization_details', 'text', (c) => c.notNull())
        .addColumn('consent_id', 'text')
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addColumn('revoked_at', 'bigint')
        .addColumn('consent_ended_at', 'bigint')
        .execute();
      await db.schema.createIndex('oauth_grant_revoked').on('oauth_grant').column('revoked_at').execute();
      await db.schema
        .createTable('revocation')
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('cause', 'text', (c) => c.notNull())
        .addColumn('revoked_at', 'bigint', (c) => c.notNull())
        .addColumn('until', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('revocation_key', ['kind', 'id'])
        .execute();
      await db.schema.createIndex('revocation_time').on('revocation').column('revoked_at').execute();
    },
  },
  '0002_browser_sessions': {
    async up(db) {
      await db.schema
        .createTable('browser_session')
        .addColumn('id_hash', 'text', (c) => c.primaryKey())
        .addColumn('csrf', 'text', (c) => c.notNull())
        .addColumn('subject', 'text')
        .addColumn('authenticated_at', 'bigint')
        .addColumn('last_seen_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('taken_up_request')
        .addColumn('session_hash', 'text', (c) => c.notNull())
        .addColumn('request_hash', 'text', (c) => c.notNull())
        .addColumn('client_id', 'text', (c) => c.notNull())
        .addColumn('taken_up_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('taken_up_request_key', ['session_hash', 'request_hash'])
        .execute();
    },
  },
};
