import type { ProcessContext } from '@holdfast/host';
import { BankAnswerUnusable, BankAway, BankRefused } from '../bank/bank-client.ts';
import type { BankCall, BankClient } from '../bank/bank-client.ts';
import type { Account, Balance, Transaction } from '../bank/messages.ts';
import { accountList, balanceList, transactionPage } from '../bank/messages.ts';
import type { Link } from '../link/links.ts';
import { Problem } from '../pages/problem.ts';
import { PROFILE } from '../profile.ts';
import type { AccessTokens } from '../tokens/access-tokens.ts';
import { inTurns } from './in-turns.ts';
import type { AccountOverview, AccountWithBalances } from './overview.ts';
import { overviewOf, withBalances } from './overview.ts';
import type { StatementQuery } from './statement.ts';

export interface AccountReaderParts {
  readonly bank: BankClient;
  readonly tokens: AccessTokens;
  /** The issuer whose tokens this bank may see. */
  readonly issuer: string;
  readonly clock: ProcessContext<unknown>['clock'];
  readonly log: ProcessContext<unknown>['log'];
}

export interface Statement {
  readonly transactions: readonly Transaction[];
  /** Where the bank says the earlier ones go on. */
  readonly earlier: string | undefined;
}

type Read<T> = (call: BankCall) => Promise<T>;

/** Reads what a page shows, with a token that works; failures end as a {@link Problem}. */
export class AccountReader {
  readonly #parts: AccountReaderParts;

  constructor(parts: AccountReaderParts) {
    this.#parts = parts;
  }

  /** All shared accounts with their balances. */
  overview(link: Link, interaction: string): Promise<AccountOverview> {
    return this.#withToken(link, interaction, async (call) => {
      const accounts = await this.#accounts(call);
      const read = (account: Account) => this.#balances(link, call, account);
      return overviewOf(await inTurns(accounts, PROFILE.callsAtOnce, read));
    });
  }

  /**
   * One account with its balances and, when shared, its transactions.
   * @throws Problem `account_unknown` when it is not among the shared ones
   */
  account(
    link: Link,
    interaction: string,
    id: string,
    query: StatementQuery,
  ): Promise<{ entry: AccountWithBalances; statement: Statement | undefined }> {
    return this.#withToken(link, interaction, async (call) => {
      const account = (await this.#accounts(call)).find((each) => each.id === id);
      if (account === undefined) throw new Problem('account_unknown');
      const [entry, statement] = await Promise.all([
        this.#balances(link, call, account),
        link.actions.includes('read_transactions') ? this.#statement(call, account, query) : undefined,
      ]);
      return { entry, statement };
    });
  }

  async #accounts(call: BankCall): Promise<readonly Account[]> {
    return (await this.#parts.bank.read(call, ['accounts'], {}, accountList)).accounts;
  }

  async #balances(link: Link, call: BankCall, account: Account): Promise<AccountWithBalances> {
    if (!link.actions.includes('read_balances')) return withBalances(account, undefined);
    const path = ['accounts', account.id, 'balances'];
    const { balances } = await this.#parts.bank.read(call, path, {}, balanceList);
    checkCurrency(account, balances);
    return withBalances(account, balances);
  }

  /** Joins the bank's pages up to a bound; what lies behind it is one click away. */
  async #statement(call: BankCall, account: Account, query: StatementQuery): Promise<Statement> {
    const path = ['accounts', account.id, 'transactions'];
    const transactions: Transaction[] = [];
    const from = startOf(query, this.#parts.clock.now());
    let cursor = query.cursor;
    for (let page = 0; page < PROFILE.transactionPages; page++) {
      const wanted: Record<string, string> = cursor === undefined ? { from } : { from, cursor };
      const answer = await this.#parts.bank.read(call, path, wanted, transactionPage);
      checkCurrency(account, answer.transactions);
      transactions.push(...answer.transactions);
      // A bank that hands out the same cursor again would be read forever.
      if (answer.next_cursor === cursor) return { transactions, earlier: undefined };
      cursor = answer.next_cursor;
      if (cursor === undefined) break;
    }
    return { transactions, earlier: cursor };
  }

  /**
   * Runs the reads of one page. RFC6750-3.1: a refused token is replaced once; when the bank refuses the fresh one too, the
   * connection has ended.
   */
  async #withToken<T>(link: Link, interaction: string, read: Read<T>): Promise<T> {
    const { tokens, issuer } = this.#parts;
    // A token of one server must not be shown at another server's bank, whatever was configured since it was issued.
    if (link.issuer !== issuer) throw new Problem('connection_ended', { reason: 'issuer_not_of_this_bank' });
    if (link.endedAt !== undefined) throw new Problem('connection_ended', { reason: 'grant_ended' });
    const signal = AbortSignal.timeout(PROFILE.pageTimeout);
    const call = { interaction, authenticatedAt: link.authenticatedAt, signal };
    const accessToken = await tokens.get(link.id, interaction);
    try {
      return await read({ ...call, accessToken });
    } catch (error) {
      if (!(error instanceof BankRefused && error.status === 401)) throw this.#problem(error, interaction);
    }
    const fresh = await tokens.get(link.id, interaction, accessToken);
    return read({ ...call, accessToken: fresh }).catch((error: unknown) => {
      throw this.#problem(error, interaction);
    });
  }

  #problem(error: unknown, interaction: string): unknown {
    if (error instanceof BankAway) {
      this.#parts.log.warn({ err: error, interaction }, 'the bank cannot be reached');
      return new Problem('bank_unreachable', { cause: error });
    }
    if (error instanceof BankAnswerUnusable) {
      this.#parts.log.warn({ interaction, problem: error.message }, 'the bank answered something unexpected');
      return new Problem('bank_answer_unusable', { cause: error });
    }
    return error instanceof BankRefused ? refusal(error) : error;
  }
}

function refusal(error: BankRefused): Problem {
  switch (error.status) {
    case 401:
      return new Problem('connection_ended', { reason: 'token_rejected_twice', cause: error });
    case 403:
      return new Problem('not_shared', { cause: error });
    case 404:
      return new Problem('account_unknown', { cause: error });
    case 429:
      return new Problem('bank_unreachable', { reason: 'bank_too_busy', cause: error });
    default:
      return new Problem('bank_answer_unusable', { reason: `bank_status_${error.status}`, cause: error });
  }
}

/** Sums of mixed currencies would be wrong without looking wrong. */
function checkCurrency(account: Account, amounts: readonly (Balance | Transaction)[]): void {
  if (amounts.some((each) => each.currency !== account.currency))
    throw new BankAnswerUnusable('an amount in another currency than its account');
}

const DAY = 86_400_000;

/** First calendar day of the period. */
const startOf = (query: StatementQuery, now: Date): string =>
  new Date(now.getTime() - Number(query.period) * DAY).toISOString().slice(0, 10);
