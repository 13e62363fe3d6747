/** The bank's own tables. Amounts are integer minor units (pence, cents); moments are milliseconds since 1970, UTC. */
export interface BankTables {
  customers: CustomerRow;
  accounts: AccountRow;
  transactions: TransactionRow;
  consents: ConsentRow;
  seedings: { name: string; seeded_at: number };
}

export interface CustomerRow {
  readonly id: string;
  readonly display_name: string;
}

export type AccountType = 'current' | 'savings' | 'card';

export interface AccountRow {
  readonly id: string;
  readonly customer_id: string;
  readonly display_name: string;
  /** The full number is never stored, so it can never leak from here. */
  readonly masked_number: string;
  readonly type: AccountType;
  readonly currency: string;
  /** Calendar day, `YYYY-MM-DD`. */
  readonly opened_on: string;
  /** How far below zero the account may go, minor units. */
  readonly credit_limit: number;
}

export interface TransactionRow {
  readonly id: string;
  readonly account_id: string;
  /** 1, 2, 3 … within the account, in booking order. Pages are cut along it. */
  readonly sequence: number;
  readonly booked_at: number;
  readonly amount: number;
  readonly balance_after: number;
  readonly counterparty: string;
  readonly description: string;
  readonly category: string;
}

export interface ConsentRow {
  readonly id: string;
  /** The caller's idempotency key: one request, one consent. */
  readonly request_id: string;
  /** SHA-256 of what was asked, so that a reused key with other content is noticed. */
  readonly content_hash: string;
  readonly customer_id: string;
  readonly client_id: string;
  readonly client_name: string;
  /** JSON array of account ids. */
  readonly account_ids: string;
  /** JSON array of actions. */
  readonly actions: string;
  readonly authorised_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
}
