import type { ProcessContext } from '@holdfast/host';
import type { Store } from '@holdfast/store';
import { hashKey } from '@holdfast/store';
import type { Transaction } from 'kysely';
import { PROFILE } from '../profile.ts';
import type { FintechTables, SessionRow } from '../store/tables.ts';

type Clock = ProcessContext<unknown>['clock'];
type Random = ProcessContext<unknown>['random'];

/** A visit of one browser, from its cookie to its end. */
export interface Session {
  /** The cookie's value: 256 random bits, known to the browser and, for the length of a request, to us. */
  readonly secret: string;
  /** What the store knows it by. */
  readonly hash: string;
  readonly expiresAt: Date;
}

export class Sessions {
  readonly #store: Store<FintechTables>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(store: Store<FintechTables>, clock: Clock, random: Random) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
  }

  /** Begins a visit. The number is always made here: one that a browser brings along is never taken over. */
  async open(): Promise<Session> {
    const { session, row } = this.#make();
    await this.#store.db.insertInto('sessions').values(row).execute();
    return session;
  }

  /** The session of a cookie; undefined when unknown, idle for too long or at its absolute end. */
  async find(secret: string | undefined): Promise<Session | undefined> {
    if (secret === undefined || secret.length > 100) return undefined;
    const hash = hashKey(secret);
    const row = await this.#store.db.selectFrom('sessions').selectAll().where('id_hash', '=', hash).executeTakeFirst();
    const now = this.#clock.now().getTime();
    if (row === undefined || row.expires_at <= now || row.last_seen_at + PROFILE.sessionIdle <= now) return undefined;
    if (row.last_seen_at + PROFILE.sessionTouchEvery <= now) await this.#touch(hash, now);
    return { secret, hash, expiresAt: new Date(row.expires_at) };
  }

  /**
   * Replaces a session by a new one, inside the transaction that gives it something worth stealing. Whoever knew or
   * planted the old number is left with nothing.
   *
   * @returns undefined when the old session is gone by now: then nothing may be attached to it
   */
  async replace(trx: Transaction<FintechTables>, old: Session): Promise<Session | undefined> {
    const gone = await trx.deleteFrom('sessions').where('id_hash', '=', old.hash).executeTakeFirst();
    if (gone.numDeletedRows !== 1n) return undefined;
    const { session, row } = this.#make();
    await trx.insertInto('sessions').values(row).execute();
    return session;
  }

  async end(trx: Transaction<FintechTables>, hash: string): Promise<void> {
    await trx.deleteFrom('sessions').where('id_hash', '=', hash).execute();
  }

  /** Hashes of sessions that are over. */
  async expired(): Promise<string[]> {
    const now = this.#clock.now().getTime();
    const rows = await this.#store.db
      .selectFrom('sessions')
      .select('id_hash')
      .where((is) => is.or([is('expires_at', '<=', now), is('last_seen_at', '<=', now - PROFILE.sessionIdle)]))
      .limit(500)
      .execute();
    return rows.map((row) => row.id_hash);
  }

  #make(): { session: Session; row: SessionRow } {
    const secret = this.#random.token(PROFILE.sessionIdBits);
    const now = this.#clock.now().getTime();
    const hash = hashKey(secret);
    const expires = now + PROFILE.sessionAbsolute;
    return {
      session: { secret, hash, expiresAt: new Date(expires) },
      row: { id_hash: hash, created_at: now, last_seen_at: now, expires_at: expires },
    };
  }

  async #touch(hash: string, now: number): Promise<void> {
    await this.#store.db.updateTable('sessions').set({ last_seen_at: now }).where('id_hash', '=', hash).execute();
  }
}
