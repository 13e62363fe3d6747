import type { AccountWithBalances } from '../accounts/overview.ts';
import type { StatementQuery } from '../accounts/statement.ts';
import { flows, isFiltered, levels, matching } from '../accounts/statement.ts';
import { drawTideLine } from '../accounts/tide-line.ts';
import type { Transaction } from '../bank/messages.ts';
import { Layout } from './layout.tsx';
import { MaskedNumber } from './masked-number.tsx';
import type { PageContext } from './page-context.ts';
import { EarlierLink, StatementFilter } from './statement-filter.tsx';
import { StatementList } from './statement-list.tsx';
import { TideLineFigure } from './tide-line-figure.tsx';

export interface AccountPageProps {
  readonly page: PageContext;
  readonly entry: AccountWithBalances;
  readonly query: StatementQuery;
  /** Undefined when the person did not share transactions. */
  readonly statement:
    { readonly transactions: readonly Transaction[]; readonly earlier: string | undefined } | undefined;
}

/** One account: its balances, its tide and its transactions by day. */
export function AccountPage({ page, entry, query, statement }: AccountPageProps) {
  const { account } = page.text;
  return (
    <Layout page={page} title={entry.account.display_name} section="accounts">
      <p class="back">
        <a href="/accounts">
          <span aria-hidden="true">←</span> {account.back}
        </a>
      </p>
      <AccountHead page={page} entry={entry} />
      {statement === undefined ? (
        <p class="empty">{account.notShared}</p>
      ) : (
        <Statement page={page} query={query} {...statement} accountId={entry.account.id} />
      )}
    </Layout>
  );
}

function AccountHead({ page, entry }: { page: PageContext; entry: AccountWithBalances }) {
  const { account, accounts } = page.text;
  return (
    <header class="pool">
      <h1>{entry.account.display_name}</h1>
      <p class="card-kind">
        {accounts.types[entry.account.type]} <MaskedNumber page={page} value={entry.account.masked_number} />
        <span class="opened">
          {accounts.openedOn(page.format.day(new Date(`${entry.account.opened_on}T12:00:00Z`)))}
        </span>
      </p>
      <dl class="balances">
        {entry.booked === undefined ? null : (
          <div>
            <dt>{account.booked}</dt>
            <dd class="figure">{page.format.money(entry.booked)}</dd>
          </div>
        )}
        {entry.available === undefined ? null : (
          <div>
            <dt>{account.available}</dt>
            <dd>{page.format.money(entry.available)}</dd>
          </div>
        )}
      </dl>
      {entry.booked === undefined && entry.available === undefined ? (
        <p class="card-missing">{accounts.balanceMissing}</p>
      ) : null}
    </header>
  );
}

interface StatementProps {
  readonly page: PageContext;
  readonly query: StatementQuery;
  readonly accountId: string;
  readonly transactions: readonly Transaction[];
  readonly earlier: string | undefined;
}

function Statement({ page, query, accountId, transactions, earlier }: StatementProps) {
  const { account } = page.text;
  const shown = matching(transactions, query);
  const tide = drawTideLine(levels(transactions));
  return (
    <section aria-labelledby="transactions-title">
      {tide === undefined ? null : <TideLineFigure page={page} tide={tide} />}
      <div class="statement-head">
        <h2 id="transactions-title">{account.transactions}</h2>
        <Sums page={page} transactions={shown} />
      </div>
      <StatementFilter page={page} query={query} accountId={accountId} />
      {shown.length === 0 ? (
        <p class="empty">{isFiltered(query) ? account.noneMatching : account.none}</p>
      ) : (
        <StatementList page={page} transactions={shown} />
      )}
      <EarlierLink page={page} query={query} accountId={accountId} earlier={earlier} />
    </section>
  );
}

function Sums({ page, transactions }: { page: PageContext; transactions: readonly Transaction[] }) {
  const { account } = page.text;
  const { in: incoming, out } = flows(transactions);
  return (
    <p class="sums">
      <span>{account.count(transactions.length)}</span>
      {incoming === undefined ? null : (
        <span>
          {account.moneyIn} <b class="amount amount-in">{page.format.signedMoney(incoming)}</b>
        </span>
      )}
      {out === undefined ? null : (
        <span>
          {account.moneyOut} <b class="amount">{page.format.signedMoney(out)}</b>
        </span>
      )}
    </p>
  );
}
