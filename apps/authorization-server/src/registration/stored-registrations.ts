import type {
  ClientMetadata,
  ClientRegistration,
  ClientRegistrations,
  RegistrationChange,
  RegistrationOutcome,
} from '@holdfast/fapi/as';
import { hashKey } from '@holdfast/store';
import type { Store } from '@holdfast/store';
import type { Selectable, Transaction } from 'kysely';
import type { AuthorizationSchema, AuthorizationTables } from '../state/schema.ts';

/** Raised inside a transaction to leave it without writing anything. */
class NotRegistered extends Error {
  constructor(readonly outcome: Exclude<RegistrationOutcome, { kind: 'done' }>) {
    super(outcome.kind);
  }
}

/**
 * Clients that registered themselves, in the store. That an identifier has one client is the database's to say, by a primary
 * key, so that two replicas asked at once cannot both give it away.
 */
export function storedRegistrations({ db, singleUse }: Store<AuthorizationTables>): ClientRegistrations {
  async function takeNote({ used }: RegistrationChange, trx: Transaction<AuthorizationSchema>): Promise<void> {
    if (used === undefined) return;
    const key = JSON.stringify([used.issuer, used.jti]);
    if (!(await singleUse.within(trx).recordOnce('software_statement', key, used.until)))
      throw new NotRegistered({ kind: 'replayed' });
  }
  return {
    register: (change, token) =>
      unlessRefused(() =>
        db.transaction().execute(async (trx) => {
          const { clientId: client_id, issuedAt } = change.registration;
          await takeNote(change, trx);
          await claimIdentifiers(change, trx);
          const identity = { client_id, token_hash: hashKey(token), issued_at: issuedAt.getTime() };
          await trx
            .insertInto('registered_client')
            .values({ ...identity, ...contentOf(change.registration) })
            .execute();
        }),
      ),

    async find(clientId) {
      const row = await db
        .selectFrom('registered_client')
        .selectAll()
        .where('client_id', '=', clientId)
        .executeTakeFirst();
      return row && registrationOf(row);
    },

    async findByToken(clientId, token) {
      const row = await db
        .selectFrom('registered_client')
        .selectAll()
        .where('client_id', '=', clientId)
        .where('token_hash', '=', hashKey(token))
        .executeTakeFirst();
      return row && registrationOf(row);
    },

    replace: (change) =>
      unlessRefused(() =>
        db.transaction().execute(async (trx) => {
          const { clientId } = change.registration;
          // First, so that two updates of one client come one after the other.
          const { numUpdatedRows } = await trx
            .updateTable('registered_client')
            .set(contentOf(change.registration))
            .where('client_id', '=', clientId)
            .executeTakeFirstOrThrow();
          if (numUpdatedRows === 0n) throw new NotRegistered({ kind: 'gone' });
          await takeNote(change, trx);
          await trx.deleteFrom('client_identifier').where('client_id', '=', clientId).execute();
          await claimIdentifiers(change, trx);
        }),
      ),

    remove: (clientId) =>
      db.transaction().execute(async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('registered_client')
          .where('client_id', '=', clientId)
          .executeTakeFirstOrThrow();
        await trx.deleteFrom('client_identifier').where('client_id', '=', clientId).execute();
        return numDeletedRows > 0n;
      }),
  };
}

/** One after the other and in one order, so that two who want the same do not wait for each other. */
async function claimIdentifiers(
  { registration: { clientId }, identifiers }: RegistrationChange,
  trx: Transaction<AuthorizationSchema>,
): Promise<void> {
  for (const identifier of identifiers.toSorted()) {
    const claimed = await trx
      .insertInto('client_identifier')
      .values({ identifier_hash: hashKey(identifier), client_id: clientId })
      .onConflict((conflict) => conflict.doNothing())
      .returning('client_id')
      .executeTakeFirst();
    if (claimed === undefined) throw new NotRegistered({ kind: 'taken', identifier });
  }
}

async function unlessRefused(work: () => Promise<void>): Promise<RegistrationOutcome> {
  try {
    await work();
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof NotRegistered) return error.outcome;
    throw error;
  }
}

const contentOf = ({ profile, metadata, statement }: ClientRegistration) => ({
  profile,
  metadata: JSON.stringify(metadata),
  statement,
});

const registrationOf = (row: Selectable<AuthorizationTables['registered_client']>): ClientRegistration => ({
  clientId: row.client_id,
  issuedAt: new Date(row.issued_at),
  profile: row.profile,
  metadata: JSON.parse(row.metadata) as ClientMetadata,
  statement: row.statement,
});
