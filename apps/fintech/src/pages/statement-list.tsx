import type { StatementDay } from '../accounts/statement.ts';
import { byDay } from '../accounts/statement.ts';
import type { Transaction } from '../bank/messages.ts';
import { sign, sum } from '../bank/money.ts';
import type { PageContext } from './page-context.ts';

/** Transactions, grouped by day, newest first. */
export function StatementList({ page, transactions }: { page: PageContext; transactions: readonly Transaction[] }) {
  return (
    <div id="transactions" class="days">
      {byDay(transactions, page.format).map((day) => (
        <Day page={page} day={day} />
      ))}
    </div>
  );
}

function Day({ page, day }: { page: PageContext; day: StatementDay }) {
  return (
    <section class="day" aria-labelledby={`day-${day.key}`}>
      <h3 id={`day-${day.key}`}>
        <time datetime={day.key}>{page.format.longDay(day.date)}</time>
        <span class="day-sum">{page.format.signedMoney(sum(day.transactions))}</span>
      </h3>
      <ul>
        {day.transactions.map((each) => (
          <Entry page={page} transaction={each} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ page, transaction }: { page: PageContext; transaction: Transaction }) {
  const category = knownCategory(page, transaction.category);
  const word = page.text.categories[category];
  const balance = { amount: transaction.balance_after, currency: transaction.currency };
  return (
    <li class="entry">
      <span class={`pebble pebble-${category}`} aria-hidden="true"></span>
      <span class="entry-who">
        <bdi>{transaction.counterparty}</bdi>
        <span class="entry-what">
          <bdi>{transaction.description}</bdi>
          {isSame(transaction.description, word) ? null : <span class="entry-category">{word}</span>}
        </span>
      </span>
      <span class="entry-sums">
        <data class={sign(transaction) > 0 ? 'amount amount-in' : 'amount'} value={transaction.amount}>
          {page.format.signedMoney(transaction)}
        </data>
        <span class="entry-balance">{page.text.account.balanceAfter(page.format.money(balance))}</span>
      </span>
    </li>
  );
}

/** "Groceries · Groceries" says nothing twice. */
const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

type Category = keyof PageContext['text']['categories'];

const knownCategory = (page: PageContext, category: string): Category =>
  Object.hasOwn(page.text.categories, category) ? (category as Category) : 'other';
