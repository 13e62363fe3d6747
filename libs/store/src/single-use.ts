import type { Transaction } from 'kysely';
import type { SharedTables } from './shared-tables.ts';

/** What JSON can carry. Members that are `undefined` are left out, as JSON.stringify does. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [member: string]: JsonValue | undefined };

export interface Found<T> {
  readonly value: T;
  readonly used: boolean;
  /** Only ever true together with `used`: what expired unused is not found. */
  readonly expired: boolean;
  readonly expiresAt: Date;
}

export type Redeemed<T> =
  | { readonly won: true; readonly value: T }
  | {
      readonly won: false;
      /** `used` outranks `expired`: a replay stays a replay after the time is over. */
      readonly why: 'absent' | 'expired' | 'used';
      /** What had been stored, for audit and for revoking what came of the first use; never set when absent. */
      readonly value?: T;
    };

/**
 * What may be used only once: codes, request_uris, refresh tokens, assertion ids, idempotency keys. Each verb decides
 * in the database, in one statement or one transaction, so that two replicas asked at the same moment cannot both win.
 * Keys are stored only as SHA-256; a copy of the table redeems nothing.
 *
 * `kind` separates the key spaces (`code`, `request_uri`, …). Times are compared with the `now` of the caller.
 */
export interface SingleUse {
  /** Stores a value under a key that was never used for this kind. Throws {@link DuplicateKey}. */
  create(kind: string, key: string, value: JsonValue, expiresAt: Date): Promise<void>;

  /** Looks without taking. Never decide on the answer that the key may be used: that is what `redeem` is for. */
  find<T = JsonValue>(kind: string, key: string, now: Date): Promise<Found<T> | undefined>;

  /** Takes the value. Of all callers, ever and anywhere, exactly one wins; the value is valid until before `expiresAt`. */
  redeem<T = JsonValue>(kind: string, key: string, now: Date): Promise<Redeemed<T>>;

  /** Remembers a key that somebody else made (an assertion's `jti`). True for the first caller, false for all others. */
  recordOnce(kind: string, key: string, expiresAt: Date): Promise<boolean>;

  /**
   * Retires `oldKey` and stores `value` under `newKey` in one step. True for the one winner; false, with nothing
   * changed, when the old key is absent, expired or used. Throws {@link DuplicateKey} when the new key was taken:
   * inside `within(trx)` let it end the transaction.
   */
  replace(kind: string, oldKey: string, newKey: string, value: JsonValue, expiresAt: Date, now: Date): Promise<boolean>;

  /** Deletes what nobody can win any more; returns how many rows went. Used rows are kept a day longer. */
  sweep(now: Date): Promise<number>;

  /** The same verbs inside a running transaction: they count only when it commits. */
  within<DB extends SharedTables>(trx: Transaction<DB>): SingleUse;
}

/** The key exists already. Says the kind, never the key. */
export class DuplicateKey extends Error {
  readonly kind: string;

  constructor(kind: string) {
    super(`a ${kind} with this key exists already`);
    this.name = 'DuplicateKey';
    this.kind = kind;
  }
}
