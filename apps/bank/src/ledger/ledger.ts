import { refuse } from '@holdfast/fapi';
import type { Kysely, Selectable } from 'kysely';
import type { ConsentedAccess } from '../consents/consented-access.ts';
import type { AccountRow, BankTables, TransactionRow } from './tables.ts';
import type { TransactionPage } from './transaction-page.ts';

/** An account that was found through a consent; the only way to its balances and transactions. */
export interface ConsentedAccount {
  readonly row: AccountRow;
  readonly access: ConsentedAccess;
}

export interface BookedPage {
  readonly rows: readonly TransactionRow[];
  /** The last row's id when there is more to read. */
  readonly nextCursor?: string;
}

/** The accounts as the API may see them: every verb starts from a {@link ConsentedAccess}. */
export class Ledger {
  readonly #db: Kysely<BankTables>;

  constructor(db: Kysely<BankTables>) {
    this.#db = db;
  }

  async accounts(access: ConsentedAccess): Promise<readonly AccountRow[]> {
    if (access.accountIds.size === 0) return [];
    return this.#consented(access).orderBy('opened_on').orderBy('id').execute();
  }

  /** @throws OAuthError 404, the same for an account that is absent, somebody else's or left out of the consent [RS-19] */
  async account(access: ConsentedAccess, id: string): Promise<ConsentedAccount> {
    const row = access.accountIds.has(id)
      ? await this.#consented(access).where('id', '=', id).executeTakeFirst()
      : undefined;
    if (row === undefined) throw refuse('not_found', 'object_not_found');
    return { row, access };
  }

  /** The booked balance, minor units: what the last booking left. */
  async bookedBalance(account: ConsentedAccount): Promise<number> {
    const last = await this.#db
      .selectFrom('transactions')
      .select('balance_after')
      .where('account_id', '=', account.row.id)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst();
    return last?.balance_after ?? 0;
  }

  /**
   * One page, newest first.
   * @throws OAuthError `invalid_request` when the cursor is none of this account's transactions
   */
  async transactions(account: ConsentedAccount, page: TransactionPage): Promise<BookedPage> {
    let query = this.#db.selectFrom('transactions').selectAll().where('account_id', '=', account.row.id);
    if (page.from !== undefined) query = query.where('booked_at', '>=', page.from.getTime());
    if (page.to !== undefined) query = query.where('booked_at', '<=', page.to.getTime());
    if (page.cursor !== undefined) query = query.where('sequence', '<', await this.#sequenceOf(account, page.cursor));
    const rows = await query
      .orderBy('sequence', 'desc')
      .limit(page.limit + 1)
      .execute();
    const shown = rows.slice(0, page.limit);
    const last = shown.at(-1);
    return rows.length > shown.length && last ? { rows: shown, nextCursor: last.id } : { rows: shown };
  }

  // The owner is asked for again: lists of ids come from outside, the owner of an account does not.
  #consented(access: ConsentedAccess) {
    return this.#db
      .selectFrom('accounts')
      .selectAll()
      .where('customer_id', '=', access.customerId)
      .where('id', 'in', [...access.accountIds]);
  }

  async #sequenceOf(account: ConsentedAccount, transactionId: string): Promise<number> {
    const row: Pick<Selectable<TransactionRow>, 'sequence'> | undefined = await this.#db
      .selectFrom('transactions')
      .select('sequence')
      .where('account_id', '=', account.row.id)
      .where('id', '=', transactionId)
      .executeTakeFirst();
    if (row) return row.sequence;
    throw refuse('invalid_request', 'parameter_malformed', { evidence: { parameter: 'cursor' } });
  }
}
