import { Controller, Inject } from '@nestjs/common';
import type { Clock } from '@holdfast/fapi';
import type { VerifiedCaller } from '@holdfast/fapi/rs';
import type { ReadRequest } from '../access/admission.ts';
import { ProtectedGet } from '../access/protected-get.ts';
import type { ConsentAction } from '../consents/consent.ts';
import type { ConsentedAccess, ConsentReader } from '../consents/consented-access.ts';
import { requireConsent } from '../consents/consented-access.ts';
import { accountShape, balanceShapes, transactionShape } from '../ledger/api-shapes.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { parseTransactionPage } from '../ledger/transaction-page.ts';

export const ACCOUNT_API_PARTS = Symbol('parts of the account API');

export interface AccountApiParts {
  readonly ledger: Ledger;
  readonly consents: ConsentReader;
  readonly clock: Clock;
  /** This bank's name in tokens and in authorization details. */
  readonly audience: string;
}

/** The account API. Each verb: what the customer agreed to, then the object, then its shape. */
@Controller()
export class AccountsController {
  readonly #parts: AccountApiParts;

  constructor(@Inject(ACCOUNT_API_PARTS) parts: AccountApiParts) {
    this.#parts = parts;
  }

  @ProtectedGet('/accounts', { audit: 'bank.accounts.list', query: [] })
  async list(caller: VerifiedCaller, read: ReadRequest) {
    const access = await this.#consented(caller, 'list_accounts', read);
    const rows = await this.#parts.ledger.accounts(access);
    return { accounts: rows.map(accountShape) };
  }

  @ProtectedGet('/accounts/:id', { audit: 'bank.accounts.read', query: [] })
  async one(caller: VerifiedCaller, read: ReadRequest) {
    const access = await this.#consented(caller, 'list_accounts', read);
    const { row } = await this.#parts.ledger.account(access, read.accountId);
    return accountShape(row);
  }

  @ProtectedGet('/accounts/:id/balances', { audit: 'bank.balances.read', query: [] })
  async balances(caller: VerifiedCaller, read: ReadRequest) {
    const access = await this.#consented(caller, 'read_balances', read);
    const account = await this.#parts.ledger.account(access, read.accountId);
    const booked = await this.#parts.ledger.bookedBalance(account);
    return { balances: balanceShapes(account.row, booked, this.#parts.clock.now()) };
  }

  @ProtectedGet('/accounts/:id/transactions', {
    audit: 'bank.transactions.read',
    query: ['from', 'to', 'cursor', 'limit'],
  })
  async transactions(caller: VerifiedCaller, read: ReadRequest) {
    const access = await this.#consented(caller, 'read_transactions', read);
    const account = await this.#parts.ledger.account(access, read.accountId);
    const page = await this.#parts.ledger.transactions(account, parseTransactionPage(read.query));
    const transactions = page.rows.map((row) => transactionShape(row, account.row.currency));
    return page.nextCursor === undefined ? { transactions } : { transactions, next_cursor: page.nextCursor };
  }

  async #consented(caller: VerifiedCaller, action: ConsentAction, read: ReadRequest): Promise<ConsentedAccess> {
    const { consents, audience, clock } = this.#parts;
    const access = await requireConsent(consents, { caller, action, audience, now: clock.now() });
    read.note({ consent: access.consentId, ...(read.accountId === '' ? {} : { account: shortened(read.accountId) }) });
    return access;
  }
}

/** Enough of an id to find the case again, and of no use to whoever reads the audit trail. */
const shortened = (id: string): string => id.slice(0, 12);
