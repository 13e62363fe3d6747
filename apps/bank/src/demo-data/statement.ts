import type { Habit, Household, HouseholdAccount } from './household.ts';
import { SeededRandom } from './seeded-random.ts';

/** One line of an account's history, before the bank gives it an id. */
export interface StatementLine {
  readonly sequence: number;
  /** Milliseconds since 1970, UTC. */
  readonly bookedAt: number;
  readonly amount: number;
  readonly balanceAfter: number;
  readonly counterparty: string;
  readonly description: string;
  readonly category: string;
}

/** Our choice, no clause: about four months, so that a page of transactions has a second page. */
export const STATEMENT_DAYS = 122;

const DAY = 86_400_000;
const MINUTE = 60_000;

type Entry = Omit<StatementLine, 'sequence' | 'balanceAfter'> & { readonly account: string };

/**
 * Tells the household's last months, day by day, up to the day before `today`.
 * @param today any moment of the day of the first start; only its UTC calendar day counts
 * @returns the lines of every account by its key, oldest first; the balances are the running sum
 */
export function tellStatements(household: Household, today: Date): Map<string, StatementLine[]> {
  const random = new SeededRandom(`holdfast demo household ${household.customerId}`);
  const midnight = Math.floor(today.getTime() / DAY) * DAY;
  const firstDay = midnight - STATEMENT_DAYS * DAY;
  const entries: Entry[] = household.accounts.map((account) => openingEntry(account, firstDay));
  for (let day = firstDay; day < midnight; day += DAY) {
    for (const habit of household.habits) {
      if (isDue(habit, new Date(day), random)) entries.push(...entriesOf(habit, day, random));
    }
  }
  entries.sort((earlier, later) => earlier.bookedAt - later.bookedAt);
  return new Map(household.accounts.map(({ key }) => [key, runningBalance(entries, key)]));
}

function openingEntry(account: HouseholdAccount, firstDay: number): Entry {
  return {
    account: account.key,
    bookedAt: firstDay,
    amount: account.openingBalance,
    counterparty: 'Harbour Bank',
    description: 'Balance brought forward',
    category: 'opening',
  };
}

function isDue(habit: Habit, day: Date, random: SeededRandom): boolean {
  if ('monthDay' in habit.rhythm) return day.getUTCDate() === habit.rhythm.monthDay;
  if ('weekday' in habit.rhythm) return day.getUTCDay() === habit.rhythm.weekday;
  return random.chance(habit.rhythm.percentOfDays);
}

function entriesOf(habit: Habit, day: number, random: SeededRandom): Entry[] {
  const entry: Entry = {
    account: habit.account,
    bookedAt: day + random.between(7 * 60, 21 * 60) * MINUTE,
    amount: random.between(...habit.amount),
    counterparty: random.pick(habit.counterparties),
    description: habit.description,
    category: habit.category,
  };
  if (habit.into === undefined) return [entry];
  return [entry, { ...entry, account: habit.into, amount: -entry.amount }];
}

function runningBalance(entries: readonly Entry[], key: string): StatementLine[] {
  let balanceAfter = 0;
  const own = entries.filter((entry) => entry.account === key);
  return own.map(({ account: _, ...line }, index) => {
    balanceAfter += line.amount;
    return { ...line, sequence: index + 1, balanceAfter };
  });
}
