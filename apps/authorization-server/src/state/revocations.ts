import type { AuthorizationState } from '@holdfast/fapi/as';
import { compileOnce } from '@holdfast/store';
import type { Store } from '@holdfast/store';
import type { AuthorizationTables } from './schema.ts';

type Verbs = Pick<AuthorizationState, 'revokeAccessToken' | 'isRevoked' | 'revocationsSince'>;

/** What resource servers have to stop accepting. */
export function revocations({ db }: Store<AuthorizationTables>): Verbs {
  const ofTokenOrGrant = compileOnce(db, (tables, tokenId: string, grantId: string) =>
    tables
      .selectFrom('revocation')
      .select('id')
      .where((row) =>
        row.or([row.and({ kind: 'access_token', id: tokenId }), row.and({ kind: 'grant', id: grantId })]),
      ),
  );
  return {
    async revokeAccessToken(tokenId, now, until) {
      await db
        .insertInto('revocation')
        .values({
          kind: 'access_token',
          id: tokenId,
          cause: 'revoked_by_client',
          revoked_at: now.getTime(),
          until: until.getTime(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async isRevoked(tokenId, grantId) {
      const [row] = await ofTokenOrGrant(db, tokenId, grantId);
      return row !== undefined;
    },

    async revocationsSince(since, now) {
      const rows = await db
        .selectFrom('revocation')
        .select(['kind', 'id', 'revoked_at', 'until'])
        .where('revoked_at', '>=', since.getTime())
        .where('until', '>', now.getTime())
        .orderBy('revoked_at')
        .execute();
      return rows.map((row) => ({
        kind: row.kind,
        id: row.id,
        revokedAt: new Date(row.revoked_at),
        until: new Date(row.until),
      }));
    },
  };
}
