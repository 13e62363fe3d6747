import type { ProfileName } from '@holdfast/fapi/as';
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
    /** Names of claims that userinfo may tell; JSON text. */
    userinfo_claims: string | null;
    /** Until when the client may fetch its first tokens; null once it has, or when nothing has to be fetched. */
    claim_until: number | null;
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
  /** Signing keys, a generation per row; `sealed` holds the private JWKs. */
  signing_key_generation: {
    number: number;
    signs_from: number;
    sealed: string;
  };
  taken_up_request: {
    session_hash: string;
    request_hash: string;
    client_id: string;
    taken_up_at: number;
    expires_at: number;
  };
  /** Requests to people on other devices. */
  ciba_request: {
    /** Fingerprint of the auth_req_id. */
    id: string;
    /** SHA-256 of the id, as the note of a consent request has it. */
    id_hash: string;
    client_id: string;
    subject: string;
    /** JSON text. */
    asked: string;
    asked_at: number;
    expires_at: number;
    decision: 'approved' | 'denied' | null;
    grant_id: string | null;
    /** JSON text. */
    id_token_claims: string | null;
    used_at: number | null;
    /** Seconds. */
    poll_interval: number;
    next_poll_at: number;
    ping_auth_req_id: string | null;
    ping_token: string | null;
    /** When the client is to be told of the decision; null before it, and when that is done. */
    ping_due_at: number | null;
    ping_attempts: number;
  };
  consent_request: {
    /** The key the bank was asked under. */
    id: string;
    /** SHA-256 of what the request is known by: as `single_use` has it, or as `ciba_request`. */
    request_hash: string;
    noted_at: number;
    /** When a grant came of it. */
    completed_at: number | null;
  };
  /** Clients that registered themselves. */
  registered_client: {
    client_id: string;
    profile: ProfileName;
    /** Client metadata as it holds, the directory's word included; JSON text. */
    metadata: string;
    /** The software statement it rests on, as presented. */
    statement: string;
    /** SHA-256 of the registration access token. */
    token_hash: string;
    issued_at: number;
  };
  /** What one client alone may have: SHA-256 of a name, a key or an address. */
  client_identifier: {
    identifier_hash: string;
    client_id: string;
  };
  login_failure: {
    kind: 'name' | 'address';
    /** SHA-256: people type passwords into the field of the name. */
    key_hash: string;
    failures: number;
    /** When the last of them happened; the lock counts from here. */
    last_at: number;
  };
}

/** How `single_use` calls a pushed request. */
export const PUSHED_REQUEST = 'pushed_request';

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
  '0003_signing_keys': {
    async up(db) {
      await db.schema
        .createTable('signing_key_generation')
        .addColumn('number', 'integer', (c) => c.primaryKey())
        .addColumn('signs_from', 'bigint', (c) => c.notNull())
        .addColumn('sealed', 'text', (c) => c.notNull())
        .execute();
    },
  },
  '0004_userinfo_claims': {
    async up(db) {
      await db.schema.alterTable('oauth_grant').addColumn('userinfo_claims', 'text').execute();
    },
  },
  '0005_consent_requests': {
    async up(db) {
      await db.schema
        .createTable('consent_request')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('request_hash', 'text', (c) => c.notNull())
        .addColumn('noted_at', 'bigint', (c) => c.notNull())
        .addColumn('completed_at', 'bigint')
        .execute();
      await db.schema.createIndex('consent_request_time').on('consent_request').column('noted_at').execute();
      await db.schema.alterTable('oauth_grant').addColumn('claim_until', 'bigint').execute();
      await db.schema.createIndex('oauth_grant_claim').on('oauth_grant').column('claim_until').execute();
      await db.schema.createIndex('oauth_grant_subject').on('oauth_grant').column('subject').execute();
      await db.schema.createIndex('oauth_grant_end').on('oauth_grant').column('expires_at').execute();
    },
  },
  '0006_login_failures': {
    async up(db) {
      await db.schema
        .createTable('login_failure')
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('key_hash', 'text', (c) => c.notNull())
        .addColumn('failures', 'integer', (c) => c.notNull())
        .addColumn('last_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('login_failure_key', ['kind', 'key_hash'])
        .execute();
    },
  },
  '0007_ciba_requests': {
    async up(db) {
      await db.schema
        .createTable('ciba_request')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('id_hash', 'text', (c) => c.notNull())
        .addColumn('client_id', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('asked', 'text', (c) => c.notNull())
        .addColumn('asked_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .addColumn('decision', 'text')
        .addColumn('grant_id', 'text')
        .addColumn('id_token_claims', 'text')
        .addColumn('used_at', 'bigint')
        .addColumn('poll_interval', 'bigint', (c) => c.notNull())
        .addColumn('next_poll_at', 'bigint', (c) => c.notNull())
        .addColumn('ping_auth_req_id', 'text')
        .addColumn('ping_token', 'text')
        .addColumn('ping_due_at', 'bigint')
        .addColumn('ping_attempts', 'integer', (c) => c.notNull())
        .execute();
      await db.schema
        .createIndex('ciba_request_person')
        .on('ciba_request')
        .columns(['subject', 'expires_at'])
        .execute();
      await db.schema.createIndex('ciba_request_hash').on('ciba_request').column('id_hash').execute();
      await db.schema.createIndex('ciba_request_ping').on('ciba_request').column('ping_due_at').execute();
      await db.schema.createIndex('ciba_request_end').on('ciba_request').column('expires_at').execute();
    },
  },
  '0008_registered_clients': {
    async up(db) {
      await db.schema
        .createTable('registered_client')
        .addColumn('client_id', 'text', (c) => c.primaryKey())
        .addColumn('profile', 'text', (c) => c.notNull())
        .addColumn('metadata', 'text', (c) => c.notNull())
        .addColumn('statement', 'text', (c) => c.notNull())
        .addColumn('token_hash', 'text', (c) => c.notNull())
        .addColumn('issued_at', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('client_identifier')
        .addColumn('identifier_hash', 'text', (c) => c.primaryKey())
        .addColumn('client_id', 'text', (c) => c.notNull())
        .execute();
      await db.schema.createIndex('client_identifier_client').on('client_identifier').column('client_id').execute();
      await db.schema.createIndex('oauth_grant_client').on('oauth_grant').column('client_id').execute();
    },
  },
};
