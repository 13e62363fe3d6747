import type { AuthorizationState } from '@holdfast/fapi/as';
import type { Store } from '@holdfast/store';
import { compileOnce, hashKey } from '@holdfast/store';
import type { Kysely } from 'kysely';
import { AlreadyUsed } from './already-used.ts';
import { PUSHED_REQUEST } from './schema.ts';
import type { AuthorizationSchema, AuthorizationTables } from './schema.ts';

type Verbs = Pick<AuthorizationState, 'noteConsentRequest' | 'abandonedConsentRequests' | 'forgetConsentRequest'>;

/** Consents the bank was asked for, until a grant answers for them. */
export function consentRequests({ db }: Store<AuthorizationTables>): Verbs {
  const note = compileOnce(db, (tables, id: string, requestHash: string, notedAt: number) =>
    tables
      .insertInto('consent_request')
      .values({ id, request_hash: requestHash, noted_at: notedAt, completed_at: null })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ noted_at: notedAt })),
  );
  return {
    async noteConsentRequest(id, handle, now) {
      await note(db, id, hashKey(handle), now.getTime());
    },

    async abandonedConsentRequests(before, now, limit) {
      const rows = await db
        .selectFrom('consent_request')
        .leftJoin('single_use', (join) =>
          join.onRef('single_use.key_hash', '=', 'request_hash').on('single_use.kind', '=', PUSHED_REQUEST),
        )
        .leftJoin('ciba_request', 'ciba_request.id_hash', 'request_hash')
        .select('consent_request.id')
        .where('noted_at', '<=', before.getTime())
        .where('completed_at', 'is', null)
        // Gone, ended, or run out: nothing can be completed with it any more.
        .where((row) =>
          row.or([
            row('single_use.key_hash', 'is', null),
            row('single_use.used_at', 'is not', null),
            row('single_use.expires_at', '<=', now.getTime()),
          ]),
        )
        .where((row) =>
          row.or([
            row('ciba_request.id', 'is', null),
            row('ciba_request.decision', 'is not', null),
            row('ciba_request.expires_at', '<=', now.getTime()),
          ]),
        )
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    async forgetConsentRequest(id) {
      await db.deleteFrom('consent_request').where('id', '=', id).where('completed_at', 'is', null).execute();
    },
  };
}

/** To be called inside the transaction that writes the grant: from here on the grant answers for the consent. */
export function consentCompletion(db: Kysely<AuthorizationSchema>) {
  const complete = compileOnce(db, (tables, id: string, completedAt: number) =>
    tables
      .updateTable('consent_request')
      .set({ completed_at: completedAt })
      .where('id', '=', id)
      .where('completed_at', 'is', null)
      .returning('id'),
  );
  return async (trx: Kysely<AuthorizationSchema>, id: string, now: Date): Promise<void> => {
    const completed = await complete(trx, id, now.getTime());
    // Ended at the bank in the meantime: a grant that rests on it would open nothing.
    if (completed.length === 0) throw new AlreadyUsed();
  };
}
