import type { AuthorizationState } from '@holdfast/fapi/as';
import type { Store } from '@holdfast/store';
import { hashKey } from '@holdfast/store';
import type { Transaction } from 'kysely';
import { AlreadyUsed } from './already-used.ts';
import { PUSHED_REQUEST } from './schema.ts';
import type { AuthorizationSchema, AuthorizationTables } from './schema.ts';

type Verbs = Pick<AuthorizationState, 'noteConsentRequest' | 'abandonedConsentRequests' | 'forgetConsentRequest'>;

/** Consents the bank was asked for, until a grant answers for them. */
export function consentRequests({ db }: Store<AuthorizationTables>): Verbs {
  return {
    async noteConsentRequest(id, handle, now) {
      const row = { id, request_hash: hashKey(handle), noted_at: now.getTime(), completed_at: null };
      await db
        .insertInto('consent_request')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ noted_at: row.noted_at }))
        .execute();
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

/** Inside the transaction that writes the grant: from here on the grant answers for the consent. */
export async function completeConsentRequest(
  trx: Transaction<AuthorizationSchema>,
  id: string,
  now: Date,
): Promise<void> {
  const completed = await trx
    .updateTable('consent_request')
    .set({ completed_at: now.getTime() })
    .where('id', '=', id)
    .where('completed_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  // Ended at the bank in the meantime: a grant that rests on it would open nothing.
  if (completed === undefined) throw new AlreadyUsed();
}
