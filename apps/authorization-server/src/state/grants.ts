import type { AuthorizationState, Grant } from '@holdfast/fapi/as';
import type { Store } from '@holdfast/store';
import type { Selectable } from 'kysely';
import { AlreadyUsed, unlessUsed } from './already-used.ts';
import type { AuthorizationTables } from './schema.ts';

type Verbs = Pick<AuthorizationState, 'findGrant' | 'revokeGrant' | 'grantsWithOpenConsent' | 'markConsentEnded'>;

/** What customers agreed to, and what became of it. */
export function grants({ db }: Store<AuthorizationTables>): Verbs {
  return {
    async findGrant(grantId) {
      const row = await db.selectFrom('oauth_grant').selectAll().where('id', '=', grantId).executeTakeFirst();
      return row && grantOf(row);
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
    ...(row.consent_id === null ? {} : { consentId: row.consent_id }),
    ...(row.revoked_at === null ? {} : { revokedAt: new Date(row.revoked_at) }),
  };
}
