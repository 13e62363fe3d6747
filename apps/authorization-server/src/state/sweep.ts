import type { Store } from '@holdfast/store';
import type { AuthorizationTables } from './schema.ts';

/**
 * Milliseconds a row stays after it has stopped to matter. Our choice, no clause: replicas' clocks differ by less, and whoever
 * looks for what happened yesterday still finds it.
 */
const KEPT = 24 * 3600 * 1000;

/**
 * Forgets grants and revocations that can no longer matter. What asks for them later is refused all the same: a grant nobody
 * knows is no grant.
 *
 * - A grant that has run out: its tokens never outlive it, and its consent ends at the bank by itself.
 * - A grant that was revoked, once its consent was ended at the bank too. Its access tokens lived minutes longer at most, and
 *   for that long its revocation is told.
 * - A revocation whose tokens have all run out. That of what a client has in its own name goes at once, because the same
 *   client has the same again when it is switched on later.
 * - The note of a consent request that a grant answers for.
 * - A request to a person on another device: until then a late question of its client is answered with the right reason.
 *
 * @returns how many rows went
 */
export async function sweepState({ db }: Store<AuthorizationTables>, now: Date): Promise<number> {
  const past = now.getTime() - KEPT;
  const swept = [
    await db
      .deleteFrom('oauth_grant')
      .where((row) =>
        row.or([
          row('expires_at', '<=', past),
          row.and([
            row('revoked_at', '<=', past),
            row.or([row('consent_id', 'is', null), row('consent_ended_at', 'is not', null)]),
          ]),
        ]),
      )
      .executeTakeFirstOrThrow(),
    await db
      .deleteFrom('revocation')
      .where((row) =>
        row.or([row('until', '<=', past), row.and([row('id', 'like', 'client:%'), row('until', '<=', now.getTime())])]),
      )
      .executeTakeFirstOrThrow(),
    await db.deleteFrom('ciba_request').where('expires_at', '<=', past).executeTakeFirstOrThrow(),
    await db
      .deleteFrom('consent_request')
      .where('completed_at', 'is not', null)
      .where('noted_at', '<=', past)
      .executeTakeFirstOrThrow(),
  ];
  return swept.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0);
}
