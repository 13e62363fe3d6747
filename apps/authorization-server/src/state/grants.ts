import type { AuthorizationState, Grant } from '@holdfast/fapi/as';
import { compileOnce } from '@holdfast/store';
import type { Store } from '@holdfast/store';
import type { Selectable } from 'kysely';
import { AlreadyUsed, unlessUsed } from './already-used.ts';
import type { AuthorizationTables } from './schema.ts';

type Verbs = Pick<
  AuthorizationState,
  | 'findGrant'
  | 'listGrants'
  | 'unclaimedGrants'
  | 'revokeGrant'
  | 'revokeGrantsOfClient'
  | 'grantsWithOpenConsent'
  | 'markConsentEnded'
>;

/** Five parameters each; both databases take tens of thousands in one statement. */
const ROWS_PER_INSERT = 500;

/** What customers agreed to, and what became of it. */
export function grants({ db }: Store<AuthorizationTables>): Verbs {
  const byId = compileOnce(db, (tables, id: string) =>
    tables
      .selectFrom('oauth_grant')
      .select(['id', 'client_id', 'subject', 'scopes', 'authorization_details', 'consent_id'])
      .select(['created_at', 'expires_at', 'revoked_at', 'consent_ended_at', 'claim_until', 'userinfo_claims'])
      .where('id', '=', id),
  );
  return {
    async findGrant(grantId) {
      const [row] = await byId(db, grantId);
      return row && grantOf(row);
    },

    async listGrants(subject, now) {
      const rows = await db
        .selectFrom('oauth_grant')
        .selectAll()
        .where('subject', '=', subject)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now.getTime())
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
      return rows.map(grantOf);
    },

    async unclaimedGrants(before, limit) {
      const rows = await db
        .selectFrom('oauth_grant')
        .select('id')
        .where('claim_until', '<=', before.getTime())
        .where('revoked_at', 'is', null)
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    revokeGrant: (grantId, cause, now, until) =>
      unlessUsed(() =>
        db.transaction().execute(async (trx) => {
          const revoked = await trx
            .updateTable('oauth_grant')
            .set({ revoked_at: now.getTime() })
            .where('id', '=', grantId)
            .where('revoked_at', 'is', null)
            .returning('id')
            .executeTakeFirst();
          if (revoked === undefined) throw new AlreadyUsed();
          await trx
            .insertInto('revocation')
            .values({ kind: 'grant', id: grantId, cause, revoked_at: now.getTime(), until: until.getTime() })
            .execute();
        }),
      ),

    revokeGrantsOfClient: (clientId, ownGrant, cause, now, until) =>
      db.transaction().execute(async (trx) => {
        const times = { revoked_at: now.getTime(), until: until.getTime() };
        const revoked = await trx
          .updateTable('oauth_grant')
          .set({ revoked_at: now.getTime() })
          .where('client_id', '=', clientId)
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', now.getTime())
          .returning('id')
          .execute();
        const rows = [...revoked.map(({ id }) => id), ownGrant].map((id) => ({
          kind: 'grant' as const,
          id,
          cause,
          ...times,
        }));
        for (let at = 0; at < rows.length; at += ROWS_PER_INSERT)
          await trx
            .insertInto('revocation')
            .values(rows.slice(at, at + ROWS_PER_INSERT))
            .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ cause, ...times }))
            .execute();
        return revoked.map(({ id }) => id);
      }),

    async grantsWithOpenConsent(limit) {
      const rows = await db
        .selectFrom('oauth_grant')
        .select(['id', 'consent_id'])
        .where('revoked_at', 'is not', null)
        .where('consent_id', 'is not', null)
        .where('consent_ended_at', 'is', null)
        .limit(limit)
        .execute();
      return rows.flatMap(({ id, consent_id: consentId }) => (consentId === null ? [] : [{ grantId: id, consentId }]));
    },

    async markConsentEnded(grantId) {
      await db
        .updateTable('oauth_grant')
        .set((row) => ({ consent_ended_at: row.ref('revoked_at') }))
        .where('id', '=', grantId)
        .execute();
    },
  };
}

/** A grant as its row. */
export function grantRow(grant: Grant) {
  return {
    id: grant.id,
    client_id: grant.clientId,
    subject: grant.subject,
    scopes: JSON.stringify(grant.scopes),
    authorization_details: JSON.stringify(grant.authorizationDetails),
    consent_id: grant.consentId ?? null,
    created_at: grant.createdAt.getTime(),
    expires_at: grant.expiresAt.getTime(),
    revoked_at: null,
    consent_ended_at: null,
    userinfo_claims: grant.userinfoClaims === undefined ? null : JSON.stringify(grant.userinfoClaims),
    claim_until: null,
  };
}

function grantOf(row: Selectable<AuthorizationTables['oauth_grant']>): Grant {
  return {
    id: row.id,
    clientId: row.client_id,
    subject: row.subject,
    scopes: JSON.parse(row.scopes) as Grant['scopes'],
    authorizationDetails: JSON.parse(row.authorization_details) as Grant['authorizationDetails'],
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
    ...(row.userinfo_claims === null ? {} : { userinfoClaims: JSON.parse(row.userinfo_claims) as readonly string[] }),
    ...(row.consent_id === null ? {} : { consentId: row.consent_id }),
    ...(row.revoked_at === null ? {} : { revokedAt: new Date(row.revoked_at) }),
  };
}
