import type { Kysely } from 'kysely';
import type { BankTables, ConsentRow } from '../ledger/tables.ts';
import type { Consent, ConsentAction, ConsentRequest, ConsentState } from './consent.ts';
import { ConsentRefused } from './consent.ts';
import { checkConsentRequest, contentHash } from './consent-request.ts';

/** What the consent store needs from outside: the database and unguessable ids. */
export interface ConsentStoreParts {
  readonly db: Kysely<BankTables>;
  readonly newId: () => string;
}

/** Consents: given once per request, read on every call of the API, withdrawn for good. */
export class ConsentStore {
  readonly #db: Kysely<BankTables>;
  readonly #newId: () => string;

  constructor(parts: ConsentStoreParts) {
    this.#db = parts.db;
    this.#newId = parts.newId;
  }

  /**
   * Records a consent, once per `requestId`: whoever asks again with the same content gets the same consent, in
   * whatever state it is by now, so a repeated call can never bring a withdrawn consent back.
   * @throws ConsentRefused when the request is not acceptable, or its key was used for other content
   */
  async authorize(request: ConsentRequest, now: Date): Promise<Consent> {
    const earlier = await this.#findByRequest(request, now);
    if (earlier) return earlier;
    const checked = checkConsentRequest(request, now);
    await this.#checkAccounts(checked.customerId, checked.accountIds);
    // Two calls at the same instant both arrive here: the unique key lets one write, and both read what was written.
    await this.#db
      .insertInto('consents')
      .values({
        id: this.#newId(),
        request_id: checked.requestId,
        content_hash: contentHash(request),
        customer_id: checked.customerId,
        client_id: checked.clientId,
        client_name: checked.clientName,
        account_ids: JSON.stringify(checked.accountIds),
        actions: JSON.stringify(checked.actions),
        authorised_at: now.getTime(),
        expires_at: checked.expiresAt.getTime(),
        revoked_at: null,
      })
      .onConflict((conflict) => conflict.column('request_id').doNothing())
      .execute();
    const written = await this.#findByRequest(request, now);
    if (written) return written;
    throw new Error('a consent that was just written cannot be read');
  }

  /**
   * Withdraws a consent; withdrawing it again changes nothing.
   * @throws ConsentRefused `consent_unknown`
   */
  async revoke(id: string, now: Date): Promise<Consent> {
    await this.#db
      .updateTable('consents')
      .set({ revoked_at: now.getTime() })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .execute();
    const consent = await this.find(id, now);
    if (consent) return consent;
    throw new ConsentRefused('consent_unknown');
  }

  /**
   * Withdraws the consent recorded under a request id, for a caller who never learned the consent's own id.
   * @throws ConsentRefused `consent_unknown`
   */
  async revokeRequested(requestId: string, now: Date): Promise<Consent> {
    const consents = this.#db.selectFrom('consents').select('id');
    const row = await consents.where('request_id', '=', requestId).executeTakeFirst();
    if (row) return this.revoke(row.id, now);
    throw new ConsentRefused('consent_unknown');
  }

  /** The consent as it stands at `now`; expiry needs no job to take effect. */
  async find(id: string, now: Date): Promise<Consent | undefined> {
    const row = await this.#db.selectFrom('consents').selectAll().where('id', '=', id).executeTakeFirst();
    return row && consentOf(row, now);
  }

  async #findByRequest(request: ConsentRequest, now: Date): Promise<Consent | undefined> {
    const row = await this.#db
      .selectFrom('consents')
      .selectAll()
      .where('request_id', '=', request.requestId)
      .executeTakeFirst();
    if (row && row.content_hash !== contentHash(request)) throw new ConsentRefused('request_id_reused');
    return row && consentOf(row, now);
  }

  async #checkAccounts(customerId: string, accountIds: readonly string[]): Promise<void> {
    const customer = await this.#db
      .selectFrom('customers')
      .select('id')
      .where('id', '=', customerId)
      .executeTakeFirst();
    if (!customer) throw new ConsentRefused('customer_unknown');
    const owned = await this.#db
      .selectFrom('accounts')
      .select('id')
      .where('customer_id', '=', customerId)
      .where('id', 'in', accountIds)
      .execute();
    if (owned.length !== accountIds.length) throw new ConsentRefused('account_not_of_customer');
  }
}

function consentOf(row: ConsentRow, now: Date): Consent {
  const expiresAt = new Date(row.expires_at);
  return {
    id: row.id,
    customerId: row.customer_id,
    clientId: row.client_id,
    clientName: row.client_name,
    accountIds: JSON.parse(row.account_ids) as string[],
    actions: JSON.parse(row.actions) as ConsentAction[],
    state: stateOf(row, expiresAt, now),
    authorisedAt: new Date(row.authorised_at),
    expiresAt,
  };
}

function stateOf(row: ConsentRow, expiresAt: Date, now: Date): ConsentState {
  if (row.revoked_at !== null) return 'revoked';
  return now < expiresAt ? 'authorised' : 'expired';
}
