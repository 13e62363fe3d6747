import type { Kysely, Transaction } from 'kysely';
import type { BankTables } from '../ledger/tables.ts';
import type { Household } from './household.ts';
import { HOUSEHOLDS } from './households.ts';
import type { StatementLine } from './statement.ts';
import { tellStatements } from './statement.ts';

const SEEDING = 'demo-households';

/** Rows per statement: SQLite binds at most 32,766 values at once. */
const ROWS_PER_INSERT = 500;

export interface SeedParts {
  readonly db: Kysely<BankTables>;
  /** Unguessable ids: the stories are reproducible, their ids are not, or anybody with this source could name an account. */
  readonly newId: (prefix: string) => string;
  readonly now: Date;
}

/**
 * Writes the demo customers once in the life of a store, all or nothing. Replicas that start together wait for the
 * first one's marker row and then find the work done.
 * @returns true when this call wrote them
 */
export async function seedDemoCustomers(parts: SeedParts): Promise<boolean> {
  return parts.db.transaction().execute(async (trx) => {
    const marker = await trx
      .insertInto('seedings')
      .values({ name: SEEDING, seeded_at: parts.now.getTime() })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('name')
      .executeTakeFirst();
    if (!marker) return false;
    for (const household of HOUSEHOLDS) await writeHousehold(trx, household, parts);
    return true;
  });
}

async function writeHousehold(trx: Transaction<BankTables>, household: Household, parts: SeedParts): Promise<void> {
  await trx.insertInto('customers').values({ id: household.customerId, display_name: household.displayName }).execute();
  const statements = tellStatements(household, parts.now);
  for (const account of household.accounts) {
    const id = parts.newId('acc');
    await trx
      .insertInto('accounts')
      .values({
        id,
        customer_id: household.customerId,
        display_name: account.displayName,
        masked_number: account.maskedNumber,
        type: account.type,
        currency: account.currency,
        opened_on: account.openedOn,
        credit_limit: account.creditLimit,
      })
      .execute();
    await writeStatement(trx, id, statements.get(account.key) ?? [], parts.newId);
  }
}

async function writeStatement(
  trx: Transaction<BankTables>,
  accountId: string,
  lines: readonly StatementLine[],
  newId: SeedParts['newId'],
): Promise<void> {
  const rows = lines.map((line) => ({
    id: newId('txn'),
    account_id: accountId,
    sequence: line.sequence,
    booked_at: line.bookedAt,
    amount: line.amount,
    balance_after: line.balanceAfter,
    counterparty: line.counterparty,
    description: line.description,
    category: line.category,
  }));
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await trx
      .insertInto('transactions')
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .execute();
  }
}
