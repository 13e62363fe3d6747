import type { StatementQuery } from '../accounts/statement.ts';
import { FLOWS, PERIODS, isFiltered } from '../accounts/statement.ts';
import type { PageContext } from './page-context.ts';

interface FilterProps {
  readonly page: PageContext;
  readonly query: StatementQuery;
  readonly accountId: string;
}

/** A plain GET form: the address is the search, so it can be reloaded and gone back to. */
export function StatementFilter({ page, query, accountId }: FilterProps) {
  const { account } = page.text;
  return (
    <form class="filter" method="get" action={`/accounts/${encodeURIComponent(accountId)}`} role="search">
      <label class="filter-search">
        <span>{account.search}</span>
        <input type="search" name="search" value={query.search} placeholder={account.searchHint} maxlength={80} />
      </label>
      <Choice name="flow" label={account.flow} options={FLOWS} words={account.flows} chosen={query.flow} />
      <Choice name="period" label={account.period} options={PERIODS} words={account.periods} chosen={query.period} />
      <div class="filter-buttons">
        <button type="submit">{account.apply}</button>
        {isFiltered(query) ? <a href={`?period=${query.period}`}>{account.reset}</a> : null}
      </div>
    </form>
  );
}

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly label: string;
  readonly options: readonly T[];
  readonly words: Readonly<Record<T, string>>;
  readonly chosen: T;
}

function Choice<T extends string>({ name, label, options, words, chosen }: ChoiceProps<T>) {
  return (
    <label>
      <span>{label}</span>
      <select name={name}>
        {options.map((option) => (
          <option value={option} selected={option === chosen}>
            {words[option]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Where the statement goes on, and the way back from there. */
export function EarlierLink({ page, query, accountId, earlier }: FilterProps & { earlier: string | undefined }) {
  const { account } = page.text;
  const here = `/accounts/${encodeURIComponent(accountId)}`;
  const kept = { search: query.search, flow: query.flow, period: query.period };
  if (earlier === undefined && query.cursor === undefined) return null;
  return (
    <p class="pager">
      {query.cursor === undefined ? null : (
        <a href={`${here}?${new URLSearchParams(kept).toString()}`}>{account.latest}</a>
      )}
      {earlier === undefined ? null : (
        <a rel="next" href={`${here}?${new URLSearchParams({ ...kept, cursor: earlier }).toString()}`}>
          {account.earlier} <span aria-hidden="true">↓</span>
        </a>
      )}
    </p>
  );
}
