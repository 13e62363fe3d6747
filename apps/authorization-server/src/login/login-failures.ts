import type { Clock } from '@holdfast/fapi';
import type { Store } from '@holdfast/store';
import { hashKey } from '@holdfast/store';
import type { Kysely, Selectable } from 'kysely';
import type { AuthorizationSchema, AuthorizationTables } from '../state/schema.ts';
import type { FailureLimit } from './login-limits.ts';
import { lockAfter, LOGIN_LIMITS } from './login-limits.ts';

type Kind = AuthorizationTables['login_failure']['kind'];
type Row = Selectable<AuthorizationTables['login_failure']>;

/** Who tries: the name as it is looked up, and where the attempt comes from. */
export interface Attempt {
  readonly name: string;
  readonly address: string;
}

/** A lock that an attempt runs into. */
export interface Lock {
  readonly kind: Kind;
  readonly until: Date;
}

/**
 * Wrong passwords, counted per name and per address in the store, so that another replica or a restart is no second chance.
 * A name nobody has is counted like any other: a lock must not tell which names exist.
 */
export class LoginFailures {
  readonly #db: Kysely<AuthorizationSchema>;
  readonly #clock: Clock;

  constructor({ db }: Store<AuthorizationTables>, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** The lock that stands longest before this attempt; undefined when none does. */
  async lock(attempt: Attempt): Promise<Lock | undefined> {
    const rows = await this.#db
      .selectFrom('login_failure')
      .selectAll()
      .where((row) => row.or(keysOf(attempt).map((key) => row.and(key))))
      .execute();
    const now = this.#clock.now();
    return rows
      .map((row) => ({
        kind: row.kind,
        until: new Date(row.last_at + lockAfter(row.failures, LOGIN_LIMITS[row.kind])),
      }))
      .filter(({ until }) => until > now)
      .toSorted((a, b) => b.until.getTime() - a.until.getTime())[0];
  }

  /**
   * Counts a wrong password against the name and against the address.
   * @returns how many the name has now
   */
  async failed(attempt: Attempt): Promise<number> {
    // Always in this order: two attempts that share both rows would otherwise wait for each other.
    const [address, name] = keysOf(attempt);
    return this.#db.transaction().execute(async (trx) => {
      await count(trx, address, LOGIN_LIMITS.address, this.#clock.now());
      return count(trx, name, LOGIN_LIMITS.name, this.#clock.now());
    });
  }

  /**
   * Forgets what the name had collected, and takes as much off the address: whoever mistyped and got in did no harm there.
   * What was tried at other names stays; otherwise a guesser would log in with a name of his own between two guesses.
   */
  async succeeded(attempt: Attempt): Promise<void> {
    const [address, name] = keysOf(attempt);
    await this.#db.transaction().execute(async (trx) => {
      const found = trx
        .selectFrom('login_failure')
        .select('failures')
        .where((row) => row.and(name));
      const forgiven = await found.executeTakeFirst();
      if (forgiven === undefined) return;
      await trx
        .updateTable('login_failure')
        .set((row) => ({ failures: row('failures', '-', forgiven.failures) }))
        .where((row) => row.and(address))
        .execute();
      await trx
        .deleteFrom('login_failure')
        .where((row) => row.and(address))
        .where('failures', '<=', 0)
        .execute();
      await trx
        .deleteFrom('login_failure')
        .where((row) => row.and(name))
        .execute();
    });
  }

  /** Forgets failures that no other has followed for long. */
  async sweep(): Promise<void> {
    const now = this.#clock.now().getTime();
    for (const kind of ['name', 'address'] as const)
      await this.#db
        .deleteFrom('login_failure')
        .where('kind', '=', kind)
        .where('last_at', '<=', now - LOGIN_LIMITS[kind].memory)
        .execute();
  }
}

type Key = Pick<Row, 'kind' | 'key_hash'>;

const keysOf = ({ address, name }: Attempt): readonly [address: Key, name: Key] => [
  { kind: 'address', key_hash: hashKey(address) },
  { kind: 'name', key_hash: hashKey(name) },
];

/** One statement, so that of any number of replicas each failure is counted. */
async function count(db: Kysely<AuthorizationSchema>, key: Key, limit: FailureLimit, now: Date): Promise<number> {
  const at = now.getTime();
  const { failures } = await db
    .insertInto('login_failure')
    .values({ ...key, failures: 1, last_at: at })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'key_hash']).doUpdateSet((row) => ({
        failures: row
          .case()
          .when('login_failure.last_at', '<=', at - limit.memory)
          .then(1)
          .else(row('login_failure.failures', '+', 1))
          .end(),
        last_at: at,
      })),
    )
    .returning('failures')
    .executeTakeFirstOrThrow();
  return failures;
}
