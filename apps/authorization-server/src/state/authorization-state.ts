import type { AuthorizationState, Grant, IssuedCode, NewRefreshToken, PushedRequest } from '@holdfast/fapi/as';
import type { JsonValue, Store } from '@holdfast/store';
import type { Selectable } from 'kysely';
import type { AuthorizationTables } from './schema.ts';

/** Kinds of single-use keys. */
const PUSHED_REQUEST = 'pushed_request';
const CODE = 'authorization_code';
const REFRESH_TOKEN = 'refresh_token';

/** A code row outlives the code, so that a late second redemption is still known as one. Milliseconds. */
const CODE_MEMORY = 24 * 3600 * 1000;

/** Raised inside a transaction to leave it without writing anything. */
class AlreadyUsed extends Error {}

/** What the authorization server remembers, in its store. */
export function authorizationState(store: Store<AuthorizationTables>): AuthorizationState {
  const { db, singleUse } = store;

  return {
    createPushedRequest: (requestUri, request, until) =>
      singleUse.create(PUSHED_REQUEST, requestUri, asJson(request), until),

    async findPushedRequest(requestUri, now) {
      const found = await singleUse.find<PushedRequest>(PUSHED_REQUEST, requestUri, now);
      return found && { request: found.value, used: found.used };
    },

    completeAuthorization: ({ requestUri, now, grant, code, issued, codeUntil }) =>
      unlessUsed(() =>
        db.transaction().execute(async (trx) => {
          const once = singleUse.within(trx);
          const request = await once.redeem(PUSHED_REQUEST, requestUri, now);
          if (!request.won) throw new AlreadyUsed();
          await trx.insertInto('oauth_grant').values(grantRow(grant)).execute();
          const value: StoredCode = { issued, until: codeUntil.getTime() };
          await once.create(CODE, code, asJson(value), new Date(codeUntil.getTime() + CODE_MEMORY));
        }),
      ),

    async refuseAuthorization(requestUri, now) {
      const { won } = await singleUse.redeem(PUSHED_REQUEST, requestUri, now);
      return won;
    },

    async findCode(code, now) {
      const found = await singleUse.find<StoredCode>(CODE, code, now);
      if (found === undefined) return undefined;
      return { issued: found.value.issued, used: found.used, expired: found.value.until <= now.getTime() };
    },

    redeemCode: (code, now, refreshToken) =>
      unlessUsed(() =>
        db.transaction().execute(async (trx) => {
          const once = singleUse.within(trx);
          const redeemed = await once.redeem(CODE, code, now);
          if (!redeemed.won) throw new AlreadyUsed();
          if (refreshToken === undefined) return;
          await once.create(REFRESH_TOKEN, refreshToken.token, storedRefreshToken(refreshToken), refreshToken.until);
        }),
      ),

    async findRefreshToken(token, now) {
      const found = await singleUse.find<StoredRefreshToken>(REFRESH_TOKEN, token, now);
      if (found === undefined) return undefined;
      const { grantId, issuedAt } = found.value;
      // Nothing uses a refresh token up but its replacement.
      return { grantId, issuedAt: new Date(issuedAt), expired: found.expired, replaced: found.used };
    },

    replaceRefreshToken: (token, successor, now) =>
      singleUse.replace(REFRESH_TOKEN, token, successor.token, storedRefreshToken(successor), successor.until, now),

    async findGrant(grantId) {
      const row = await db.selectFrom('oauth_grant').selectAll().where('id', '=', grantId).executeTakeFirst();
      return row && grantOf(row);
    },

    revokeGrant: (grantId, cause, now, until) =>
      unlessUsed(() =>
        db.transaction().execute(async (trx) => {
          const revoked = await trx
            .updateTable('oauth_grant')
            .set({ revoked_at: now.getTime() })
            .where('id', '=', grantId)
            .where('revoked_at', 'is', null)
            .returning('id')
            .executeTakeFirst();
          if (revoked === undefined) throw new AlreadyUsed();
          await trx
            .insertInto('revocation')
            .values({ kind: 'grant', id: grantId, cause, revoked_at: now.getTime(), until: until.getTime() })
            .execute();
        }),
      ),

    async revokeAccessToken(tokenId, now, until) {
      await db
        .insertInto('revocation')
        .values({
          kind: 'access_token',
          id: tokenId,
          cause: 'revoked_by_client',
          revoked_at: now.getTime(),
          until: until.getTime(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async isRevoked(tokenId, grantId) {
      const row = await db
        .selectFrom('revocation')
        .select('id')
        .where((row) =>
          row.or([row.and({ kind: 'access_token', id: tokenId }), row.and({ kind: 'grant', id: grantId })]),
        )
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    async revocationsSince(since, now) {
      const rows = await db
        .selectFrom('revocation')
        .select(['kind', 'id', 'revoked_at', 'until'])
        .where('revoked_at', '>=', since.getTime())
        .where('until', '>', now.getTime())
        .orderBy('revoked_at')
        .execute();
      return rows.map((row) => ({
        kind: row.kind,
        id: row.id,
        revokedAt: new Date(row.revoked_at),
        until: new Date(row.until),
      }));
    },

    async grantsWithOpenConsent(limit) {
      const rows = await db
        .selectFrom('oauth_grant')
        .select(['id', 'consent_id'])
        .where('revoked_at', 'is not', null)
        .where('consent_id', 'is not', null)
        .where('consent_ended_at', 'is', null)
        .limit(limit)
        .execute();
      return rows.flatMap(({ id, consent_id: consentId }) => (consentId === null ? [] : [{ grantId: id, consentId }]));
    },

    async markConsentEnded(grantId) {
      await db
        .updateTable('oauth_grant')
        .set((row) => ({ consent_ended_at: row.ref('revoked_at') }))
        .where('id', '=', grantId)
        .execute();
    },
  };
}

interface StoredCode {
  readonly issued: IssuedCode;
  /** Epoch milliseconds. */
  readonly until: number;
}

type StoredRefreshToken = { readonly grantId: string; /** Epoch milliseconds. */ readonly issuedAt: number };

const storedRefreshToken = ({ grantId, issuedAt }: NewRefreshToken): StoredRefreshToken => ({
  grantId,
  issuedAt: issuedAt.getTime(),
});

async function unlessUsed(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof AlreadyUsed) return false;
    throw error;
  }
}

function grantRow(grant: Grant) {
  return {
    id: grant.id,
    client_id: grant.clientId,
    subject: grant.subject,
    scopes: JSON.stringify(grant.scopes),
    authorization_details: JSON.stringify(grant.authorizationDetails),
    consent_id: grant.consentId ?? null,
    created_at: grant.createdAt.getTime(),
    expires_at: grant.expiresAt.getTime(),
    revoked_at: null,
    consent_ended_at: null,
  };
}

function grantOf(row: Selectable<AuthorizationTables['oauth_grant']>): Grant {
  return {
    id: row.id,
    clientId: row.client_id,
    subject: row.subject,
    scopes: JSON.parse(row.scopes) as Grant['scopes'],
    authorizationDetails: JSON.parse(row.authorization_details) as Grant['authorizationDetails'],
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
    ...(row.consent_id === null ? {} : { consentId: row.consent_id }),
    ...(row.revoked_at === null ? {} : { revokedAt: new Date(row.revoked_at) }),
  };
}

/** Our records are plain JSON; the type system cannot see that through their interfaces. */
const asJson = (record: object): JsonValue => record as JsonValue;
