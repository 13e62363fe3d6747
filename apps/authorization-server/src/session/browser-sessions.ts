import type { Login } from '@holdfast/fapi/as';
import type { Clock } from '@holdfast/fapi';
import { cookieOf, setCookie } from '@holdfast/host';
import type { Random } from '@holdfast/host';
import type { Store } from '@holdfast/store';
import { compileOnce, hashKey } from '@holdfast/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthorizationTables } from '../state/schema.ts';

const COOKIE = 'session';
/** Our choice, no clause: how long a browser may be left alone, and how long a login lives at most. Milliseconds. */
const IDLE = 30 * 60 * 1000;
const ABSOLUTE = 8 * 3600 * 1000;
/**
 * How exactly a visit is noted, in milliseconds: one that comes sooner after a noted one costs no write. A browser left
 * alone is so forgotten up to this much earlier, never later. Our choice, no clause.
 */
const NOTED_EVERY = 60 * 1000;

/** A browser, and who is logged in there. */
export interface BrowserSession {
  /** What the store knows the session by; the cookie's value is nowhere but in the browser. */
  readonly hash: string;
  readonly csrf: string;
  readonly login: Login | undefined;
}

/** A request that this browser has taken up. */
export interface TakenUpRequest {
  readonly clientId: string;
  readonly takenUpAt: Date;
}

/** Sessions of browsers at the authorization server, kept in the store so that a restart logs nobody out. */
export class BrowserSessions {
  readonly #store: Store<AuthorizationTables>;
  readonly #queries: ReturnType<typeof queriesFor>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(store: Store<AuthorizationTables>, clock: Clock, random: Random) {
    this.#store = store;
    this.#queries = queriesFor(store);
    this.#clock = clock;
    this.#random = random;
  }

  /** The session of this browser, if it has one that is still alive. */
  async find(request: FastifyRequest): Promise<BrowserSession | undefined> {
    const id = cookieOf(request, COOKIE);
    if (id === undefined) return undefined;
    const now = this.#clock.now().getTime();
    const [row] = await this.#queries.alive(this.#store.db, hashKey(id), now, now - IDLE);
    if (row !== undefined && row.last_seen_at <= now - NOTED_EVERY) await this.#noteVisit(row.id_hash, now);
    return row && sessionOf(row);
  }

  /** The session of this browser; a new anonymous one when it has none. */
  async findOrStart(request: FastifyRequest, reply: FastifyReply): Promise<BrowserSession> {
    return (await this.find(request)) ?? (await this.#start(reply));
  }

  /**
   * Logs a person in. Our choice, no clause [AUTH-31]: the session gets a new id: whoever planted or saw the old one
   * holds nothing (session fixation). Requests the browser has taken up move along.
   */
  logIn(session: BrowserSession, subject: string, reply: FastifyReply): Promise<BrowserSession> {
    return this.#replace(session, { subject, authenticatedAt: this.#clock.now() }, reply);
  }

  /** Logs out whoever is logged in. Requests the browser has taken up stay, for the next person to decide. */
  logOut(session: BrowserSession, reply: FastifyReply): Promise<BrowserSession> {
    return this.#replace(session, undefined, reply);
  }

  /** Notes that this browser has taken up a request; the first time counts. */
  async takeUp(session: BrowserSession, requestUri: string, clientId: string, until: Date): Promise<void> {
    const now = this.#clock.now().getTime();
    await this.#queries.takeUp(this.#store.db, session.hash, hashKey(requestUri), clientId, now, until.getTime());
  }

  /** The request, if this very browser has taken it up. A link alone, sent to somebody else, leads nowhere. */
  async takenUp(session: BrowserSession, requestUri: string): Promise<TakenUpRequest | undefined> {
    const now = this.#clock.now().getTime();
    const [row] = await this.#queries.takenUp(this.#store.db, session.hash, hashKey(requestUri), now);
    return row && { clientId: row.client_id, takenUpAt: new Date(row.taken_up_at) };
  }

  /** Forgets what is over. */
  async sweep(): Promise<void> {
    const now = this.#clock.now().getTime();
    await this.#store.db.deleteFrom('taken_up_request').where('expires_at', '<=', now).execute();
    await this.#store.db
      .deleteFrom('browser_session')
      .where((row) => row.or([row('expires_at', '<=', now), row('last_seen_at', '<=', now - IDLE)]))
      .execute();
  }

  async #noteVisit(idHash: string, now: number): Promise<void> {
    const { db } = this.#store;
    await db.updateTable('browser_session').set({ last_seen_at: now }).where('id_hash', '=', idHash).execute();
  }

  /** All or nothing: a new session beside a living old one would be the fixation this is against. */
  async #replace(session: BrowserSession, login: Login | undefined, reply: FastifyReply): Promise<BrowserSession> {
    const { id, row } = this.#make(login);
    await this.#store.db.transaction().execute(async (trx) => {
      await trx.insertInto('browser_session').values(row).execute();
      await trx
        .updateTable('taken_up_request')
        .set({ session_hash: row.id_hash })
        .where('session_hash', '=', session.hash)
        .execute();
      await trx.deleteFrom('browser_session').where('id_hash', '=', session.hash).execute();
    });
    return this.#give(reply, id, row);
  }

  async #start(reply: FastifyReply): Promise<BrowserSession> {
    const { id, row } = this.#make(undefined);
    await this.#store.db.insertInto('browser_session').values(row).execute();
    return this.#give(reply, id, row);
  }

  #make(login: Login | undefined): { id: string; row: AuthorizationTables['browser_session'] } {
    const id = this.#random.token(256);
    const now = this.#clock.now().getTime();
    const row = {
      id_hash: hashKey(id),
      csrf: this.#random.token(256),
      subject: login?.subject ?? null,
      authenticated_at: login?.authenticatedAt.getTime() ?? null,
      last_seen_at: now,
      expires_at: now + ABSOLUTE,
    };
    return { id, row };
  }

  #give(reply: FastifyReply, id: string, row: AuthorizationTables['browser_session']): BrowserSession {
    // Lax: the fintech's link to the authorization endpoint is a top-level navigation and must bring the session along.
    setCookie(reply, COOKIE, id, { sameSite: 'lax' });
    return sessionOf(row);
  }
}

/** What every page waits for. */
function queriesFor({ db }: Store<AuthorizationTables>) {
  return {
    alive: compileOnce(db, (tables, idHash: string, now: number, idleSince: number) =>
      tables
        .selectFrom('browser_session')
        .select(['id_hash', 'csrf', 'subject', 'authenticated_at', 'last_seen_at', 'expires_at'])
        .where('id_hash', '=', idHash)
        .where('expires_at', '>', now)
        .where('last_seen_at', '>', idleSince),
    ),
    takeUp: compileOnce(
      db,
      (tables, sessionHash: string, requestHash: string, clientId: string, now: number, until: number) =>
        tables
          .insertInto('taken_up_request')
          .values({
            session_hash: sessionHash,
            request_hash: requestHash,
            client_id: clientId,
            taken_up_at: now,
            expires_at: until,
          })
          .onConflict((conflict) => conflict.doNothing()),
    ),
    takenUp: compileOnce(db, (tables, sessionHash: string, requestHash: string, now: number) =>
      tables
        .selectFrom('taken_up_request')
        .select(['client_id', 'taken_up_at'])
        .where('session_hash', '=', sessionHash)
        .where('request_hash', '=', requestHash)
        .where('expires_at', '>', now),
    ),
  };
}

function sessionOf(row: AuthorizationTables['browser_session']): BrowserSession {
  const { subject, authenticated_at: at } = row;
  const login = subject === null || at === null ? undefined : { subject, authenticatedAt: new Date(at) };
  return { hash: row.id_hash, csrf: row.csrf, login };
}
