import type { Money } from '../bank/money.ts';
import type { AccountOverview, AccountWithBalances } from '../accounts/overview.ts';
import { Layout } from './layout.tsx';
import { MaskedNumber } from './masked-number.tsx';
import type { PageContext } from './page-context.ts';

export interface AccountsPageProps {
  readonly page: PageContext;
  readonly overview: AccountOverview;
  readonly notice?: string | undefined;
}

/** The accounts a person shared, with what is in them. */
export function AccountsPage({ page, overview, notice }: AccountsPageProps) {
  const { accounts } = page.text;
  return (
    <Layout page={page} title={accounts.title} section="accounts" notice={notice}>
      <header class="pool">
        <h1>{page.bank}</h1>
        {overview.totals.length === 0 ? null : <Totals page={page} overview={overview} />}
      </header>
      {overview.accounts.length === 0 ? (
        <p class="empty">{accounts.empty}</p>
      ) : (
        <ul id="accounts" class="cards">
          {overview.accounts.map((each) => (
            <AccountCard page={page} entry={each} />
          ))}
        </ul>
      )}
    </Layout>
  );
}

function Totals({ page, overview }: { page: PageContext; overview: AccountOverview }) {
  const { accounts } = page.text;
  return (
    <div class="totals">
      <p class="label">{accounts.total}</p>
      {overview.totals.map((total: Money) => (
        <p class="figure">{page.format.money(total)}</p>
      ))}
      <p class="hint">
        {accounts.totalNote} {overview.asOf === undefined ? null : accounts.asOf(page.format.moment(overview.asOf))}
      </p>
    </div>
  );
}

function AccountCard({ page, entry }: { page: PageContext; entry: AccountWithBalances }) {
  const { account, booked, available } = entry;
  const { accounts } = page.text;
  return (
    <li class={`card card-${account.type}`}>
      <h2>
        <a href={`/accounts/${encodeURIComponent(account.id)}`}>{account.display_name}</a>
      </h2>
      <p class="card-kind">
        {accounts.types[account.type]} <MaskedNumber page={page} value={account.masked_number} />
      </p>
      {booked === undefined ? (
        <p class="card-missing">{accounts.balanceMissing}</p>
      ) : (
        <p class="card-balance">{page.format.money(booked)}</p>
      )}
      {available === undefined || available.amount === booked?.amount ? null : (
        <p class="card-available">{accounts.available(page.format.money(available))}</p>
      )}
    </li>
  );
}
