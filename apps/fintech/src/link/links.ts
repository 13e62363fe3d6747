import { randomUUID } from 'node:crypto';
import type { ProcessContext } from '@holdfast/host';
import type { SealedBox, Store } from '@holdfast/store';
import type { Transaction } from 'kysely';
import { Problem } from '../pages/problem.ts';
import type { Session, Sessions } from '../session/sessions.ts';
import type { FintechTables, LinkRow } from '../store/tables.ts';
import type { GrantedTokens } from '../tokens/granted-tokens.ts';
import type { Action } from './shared-details.ts';
import { ACTIONS } from './shared-details.ts';

/** A linked bank, as the store keeps it; tokens only in sealed form. */
export interface Link {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly linkedAt: Date;
  /** When the visit it belongs to ends, and with it the link. */
  readonly until: Date;
  /** When the permission at the bank ends; undefined when the bank did not say. */
  readonly grantedUntil: Date | undefined;
  readonly authenticatedAt: Date;
  readonly renewedAt: Date;
  readonly endedAt: Date | undefined;
  readonly actions: readonly Action[];
  readonly accountCount: number | undefined;
  /** `x5t#S256` the access token was issued to. */
  readonly accessTokenThumbprint: string;
}

/** The tokens of a link, opened for one call. */
export interface LinkTokens {
  readonly accessToken: string | undefined;
  readonly accessTokenExpiresAt: Date;
  readonly accessTokenThumbprint: string;
  readonly refreshToken: string | undefined;
}

/** What a new link is made of. */
export interface NewLink {
  readonly issuer: string;
  readonly subject: string;
  readonly authenticatedAt: Date;
  readonly tokens: GrantedTokens;
  readonly actions: readonly Action[];
  readonly accountCount: number | undefined;
  readonly grantedUntil: Date | undefined;
}

type TokenKind = 'access_token' | 'refresh_token';

/** Links and their tokens in the store. */
export class Links {
  readonly #store: Store<FintechTables>;
  readonly #sessions: Sessions;
  readonly #box: SealedBox;
  readonly #clock: ProcessContext<unknown>['clock'];

  constructor(parts: {
    store: Store<FintechTables>;
    sessions: Sessions;
    box: SealedBox;
    clock: ProcessContext<unknown>['clock'];
  }) {
    this.#store = parts.store;
    this.#sessions = parts.sessions;
    this.#box = parts.box;
    this.#clock = parts.clock;
  }

  async ofSession(sessionHash: string): Promise<Link | undefined> {
    const links = this.#store.db.selectFrom('links').selectAll();
    const row = await links.where('session_hash', '=', sessionHash).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** Opens the tokens of a link; undefined when the link is gone. */
  async tokensOf(linkId: string): Promise<LinkTokens | undefined> {
    const row = await this.#store.db.selectFrom('links').selectAll().where('id', '=', linkId).executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      accessToken: this.#open(row, 'access_token'),
      accessTokenExpiresAt: new Date(row.access_token_expires_at),
      accessTokenThumbprint: row.access_token_thumbprint,
      refreshToken: this.#open(row, 'refresh_token'),
    };
  }

  /**
   * Stores a new link under a new session number, in one transaction: the old number, which an attacker may have planted,
   * never reaches the accounts. A link this visit had before is retired.
   *
   * @returns the new session
   * @throws Problem `link_refused` when the visit ended in the meantime
   */
  complete(session: Session, link: NewLink): Promise<Session> {
    return this.#store.db.transaction().execute(async (trx) => {
      const next = await this.#sessions.replace(trx, session);
      if (next === undefined) throw new Problem('link_refused', { reason: 'session_ended_meanwhile' });
      await this.#retire(trx, session.hash);
      await trx.insertInto('links').values(this.#newRow(link, next)).execute();
      return next;
    });
  }

  /** Replaces the access token, and the refresh token when a new one came. False when the link is gone. */
  async renewed(linkId: string, tokens: GrantedTokens): Promise<boolean> {
    const { refreshToken } = tokens;
    const changed = await this.#store.db
      .updateTable('links')
      .set({
        ...this.#accessTokenColumns(linkId, tokens),
        ...(refreshToken === undefined ? {} : { refresh_token: this.#seal(refreshToken, linkId, 'refresh_token') }),
      })
      .where('id', '=', linkId)
      .executeTakeFirst();
    return changed.numUpdatedRows === 1n;
  }

  /** The bank has ended it: the tokens are worthless and go; what was linked stays to be shown. */
  async ended(linkId: string): Promise<void> {
    await this.#store.db
      .updateTable('links')
      .set({ ended_at: this.#clock.now().getTime(), access_token: null, refresh_token: null })
      .where('id', '=', linkId)
      .execute();
  }

  async forget(linkId: string): Promise<void> {
    await this.#store.db.deleteFrom('links').where('id', '=', linkId).execute();
  }

  /** Ends a session for good. Its link belongs to nobody from then on and waits to be withdrawn at the bank. */
  endSession(sessionHash: string): Promise<void> {
    return this.#store.db.transaction().execute(async (trx) => {
      await this.#retire(trx, sessionHash);
      await this.#sessions.end(trx, sessionHash);
    });
  }

  /** Links that belong to nobody any more, oldest first. */
  async retired(): Promise<{ id: string; retiredAt: Date }[]> {
    const rows = await this.#store.db
      .selectFrom('links')
      .select(['id', 'retired_at'])
      .where('session_hash', 'is', null)
      .orderBy('retired_at')
      .limit(100)
      .execute();
    return rows.map((row) => ({ id: row.id, retiredAt: new Date(row.retired_at ?? 0) }));
  }

  async #retire(trx: Transaction<FintechTables>, sessionHash: string): Promise<void> {
    await trx
      .updateTable('links')
      .set({ session_hash: null, retired_at: this.#clock.now().getTime() })
      .where('session_hash', '=', sessionHash)
      .execute();
  }

  #newRow(link: NewLink, session: Session): LinkRow {
    const id = randomUUID();
    const { refreshToken } = link.tokens;
    return {
      id,
      session_hash: session.hash,
      issuer: link.issuer,
      subject: link.subject,
      linked_at: this.#clock.now().getTime(),
      until: session.expiresAt.getTime(),
      granted_until: link.grantedUntil?.getTime() ?? null,
      actions: JSON.stringify(link.actions),
      account_count: link.accountCount ?? null,
      authenticated_at: link.authenticatedAt.getTime(),
      refresh_token: refreshToken === undefined ? null : this.#seal(refreshToken, id, 'refresh_token'),
      ...this.#accessTokenColumns(id, link.tokens),
      ended_at: null,
      retired_at: null,
    };
  }

  #accessTokenColumns(linkId: string, tokens: GrantedTokens) {
    return {
      access_token: this.#seal(tokens.accessToken, linkId, 'access_token'),
      access_token_expires_at: tokens.expiresAt.getTime(),
      access_token_thumbprint: tokens.thumbprint,
      renewed_at: this.#clock.now().getTime(),
    };
  }

  #seal = (token: string, linkId: string, kind: TokenKind): string => this.#box.seal(token, `links/${linkId}/${kind}`);

  #open(row: LinkRow, kind: TokenKind): string | undefined {
    const sealed = row[kind];
    return sealed === null ? undefined : this.#box.open(sealed, `links/${row.id}/${kind}`);
  }
}

function fromRow(row: LinkRow): Link {
  const actions = JSON.parse(row.actions) as readonly string[];
  return {
    id: row.id,
    issuer: row.issuer,
    subject: row.subject,
    linkedAt: new Date(row.linked_at),
    until: new Date(row.until),
    grantedUntil: row.granted_until === null ? undefined : new Date(row.granted_until),
    authenticatedAt: new Date(row.authenticated_at),
    renewedAt: new Date(row.renewed_at),
    endedAt: row.ended_at === null ? undefined : new Date(row.ended_at),
    actions: ACTIONS.filter((action) => actions.includes(action)),
    accountCount: row.account_count ?? undefined,
    accessTokenThumbprint: row.access_token_thumbprint,
  };
}
