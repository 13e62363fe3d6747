import type { CibaDecision, CibaRequest, CibaState, DuePing, PollingPace } from '@holdfast/fapi/as';
import type { Store } from '@holdfast/store';
import { hashKey } from '@holdfast/store';
import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import { AlreadyUsed, unlessUsed } from './already-used.ts';
import { consentCompletion } from './consent-requests.ts';
import { grantRow } from './grants.ts';
import { writeRefreshToken } from './refresh-tokens.ts';
import type { AuthorizationSchema, AuthorizationTables } from './schema.ts';

type Row = Selectable<AuthorizationTables['ciba_request']>;
type Tables = Kysely<AuthorizationSchema>;

/** What of a request is read only together. */
type Asked = Pick<CibaRequest, 'scopes' | 'authorizationDetails' | 'bindingMessage' | 'asksForAcr' | 'interval'>;

/** Requests to people on other devices: from the question to the tokens, and the pings in between. */
export function cibaRequests({ db, singleUse }: Store<AuthorizationTables>): CibaState {
  const completeConsent = consentCompletion(db);
  return {
    recordSignedRequest: (clientId, jti, until) =>
      singleUse.recordOnce('signed_request', JSON.stringify([clientId, jti]), until),

    async createCibaRequest(request) {
      await db.insertInto('ciba_request').values(newRow(request)).execute();
    },

    async findCibaRequest(id) {
      const row = await db.selectFrom('ciba_request').selectAll().where('id', '=', id).executeTakeFirst();
      return row && { request: requestOf(row), decision: decisionOf(row), used: row.used_at !== null };
    },

    async cibaRequestsWaitingFor(subject, now) {
      const rows = await db
        .selectFrom('ciba_request')
        .selectAll()
        .where('subject', '=', subject)
        .where('decision', 'is', null)
        .where('expires_at', '>', now.getTime())
        .orderBy('asked_at')
        .execute();
      return rows.map(requestOf);
    },

    approveCibaRequest: ({ id, now, consentRequest, grant, idTokenClaims }) =>
      unlessUsed(() =>
        db.transaction().execute(async (trx) => {
          const decision = { grant_id: grant.id, id_token_claims: JSON.stringify(idTokenClaims) };
          const decided = await decide(trx, id, now, { decision: 'approved', ...decision });
          if (decided === undefined) throw new AlreadyUsed();
          if (consentRequest !== undefined) await completeConsent(trx, consentRequest, now);
          await trx
            .insertInto('oauth_grant')
            .values({ ...grantRow(grant), claim_until: decided.expires_at })
            .execute();
        }),
      ),

    denyCibaRequest: async (id, now) => (await decide(db, id, now, { decision: 'denied' })) !== undefined,

    pollCibaRequest: async (id, now, pace) => (await pollInTime(db, id, now, pace)) || pollTooSoon(db, id, now, pace),

    redeemCibaRequest: (id, now, refreshToken) =>
      unlessUsed(() =>
        db.transaction().execute(async (trx) => {
          const used = await trx
            .updateTable('ciba_request')
            .set({ used_at: now.getTime() })
            .where('id', '=', id)
            .where('decision', '=', 'approved')
            .where('used_at', 'is', null)
            .where('expires_at', '>', now.getTime())
            .returning('grant_id')
            .executeTakeFirst();
          if (used === undefined) throw new AlreadyUsed();
          await trx.updateTable('oauth_grant').set({ claim_until: null }).where('id', '=', used.grant_id).execute();
          if (refreshToken !== undefined) await writeRefreshToken(singleUse.within(trx), refreshToken);
        }),
      ),

    ...pings(db),
  };
}

function pings(db: Tables): Pick<CibaState, 'takeDuePings' | 'putOffPing' | 'endPing'> {
  return {
    async takeDuePings(now, leaseUntil, limit) {
      const due = await db
        .selectFrom('ciba_request')
        .select(['id', 'ping_due_at'])
        .where('ping_due_at', '<=', now.getTime())
        .orderBy('ping_due_at')
        .limit(limit)
        .execute();
      const taken = await Promise.all(due.map(({ id, ping_due_at: seen }) => takePing(db, id, seen, leaseUntil)));
      return taken.flatMap((row) => (row === undefined ? [] : duePing(row)));
    },

    async putOffPing(id, until) {
      await db
        .updateTable('ciba_request')
        .set({ ping_due_at: until.getTime() })
        .where('id', '=', id)
        .where('ping_due_at', 'is not', null)
        .execute();
    },

    async endPing(id) {
      const nothing = { ping_due_at: null, ping_token: null, ping_auth_req_id: null };
      await db.updateTable('ciba_request').set(nothing).where('id', '=', id).execute();
    },
  };
}

/** Writes a decision, if the request waits for one still; a ping, if the client wants one, is due from now on. */
async function decide(
  db: Tables,
  id: string,
  now: Date,
  decision: Pick<Row, 'decision'> & Partial<Pick<Row, 'grant_id' | 'id_token_claims'>>,
): Promise<{ readonly expires_at: number } | undefined> {
  return db
    .updateTable('ciba_request')
    .set((row) => ({
      ...decision,
      ping_due_at: row.case().when('ping_token', 'is', null).then(null).else(now.getTime()).end(),
    }))
    .where('id', '=', id)
    .where('decision', 'is', null)
    .where('expires_at', '>', now.getTime())
    .returning('expires_at')
    .executeTakeFirst();
}

// Two at once: the second waits for the row and then judges `next_poll_at` anew, as the first has left it.
async function pollInTime(db: Tables, id: string, now: Date, { tolerance }: PollingPace): Promise<boolean> {
  const polled = await db
    .updateTable('ciba_request')
    .set({ next_poll_at: sql<number>`${now.getTime()} + poll_interval * 1000` })
    .where('id', '=', id)
    .where('next_poll_at', '<=', now.getTime() + tolerance * 1000)
    .returning('id')
    .executeTakeFirst();
  return polled !== undefined;
}

async function pollTooSoon(db: Tables, id: string, now: Date, { slowDownBy, max }: PollingPace): Promise<false> {
  const slower = sql<number>`case when poll_interval + ${slowDownBy} < ${max} then poll_interval + ${slowDownBy} else ${max} end`;
  await db
    .updateTable('ciba_request')
    .set({ poll_interval: slower, next_poll_at: sql<number>`${now.getTime()} + 1000 * (${slower})` })
    .where('id', '=', id)
    .execute();
  return false;
}

async function takePing(db: Tables, id: string, seen: number | null, leaseUntil: Date): Promise<Row | undefined> {
  // Whoever came first has moved the time on, and the row no longer is as it was seen.
  return db
    .updateTable('ciba_request')
    .set((row) => ({ ping_due_at: leaseUntil.getTime(), ping_attempts: row('ping_attempts', '+', 1) }))
    .where('id', '=', id)
    .where('ping_due_at', '=', seen)
    .returningAll()
    .executeTakeFirst();
}

function duePing(row: Row): DuePing[] {
  const {
    id,
    client_id: clientId,
    subject,
    ping_auth_req_id: authReqId,
    ping_token: token,
    ping_attempts: attempt,
  } = row;
  return authReqId === null || token === null ? [] : [{ id, clientId, subject, authReqId, token, attempt }];
}

function newRow({ id, clientId, subject, askedAt, expiresAt, ping, ...asked }: CibaRequest): Row {
  return {
    id,
    id_hash: hashKey(id),
    client_id: clientId,
    subject,
    asked: JSON.stringify(asked satisfies Asked),
    asked_at: askedAt.getTime(),
    expires_at: expiresAt.getTime(),
    decision: null,
    grant_id: null,
    id_token_claims: null,
    used_at: null,
    poll_interval: asked.interval,
    next_poll_at: 0,
    ping_auth_req_id: ping?.authReqId ?? null,
    ping_token: ping?.token ?? null,
    ping_due_at: null,
    ping_attempts: 0,
  };
}

function requestOf(row: Row): CibaRequest {
  const { ping_auth_req_id: authReqId, ping_token: token } = row;
  return {
    ...(JSON.parse(row.asked) as Asked),
    id: row.id,
    clientId: row.client_id,
    subject: row.subject,
    askedAt: new Date(row.asked_at),
    expiresAt: new Date(row.expires_at),
    ...(authReqId === null || token === null ? {} : { ping: { authReqId, token } }),
  };
}

function decisionOf({ decision, grant_id: grantId, id_token_claims: claims }: Row): CibaDecision | undefined {
  if (decision === null) return undefined;
  if (decision === 'denied' || grantId === null) return { kind: 'denied' };
  return {
    kind: 'approved',
    grantId,
    idTokenClaims: JSON.parse(claims ?? '{}') as Extract<CibaDecision, { kind: 'approved' }>['idTokenClaims'],
  };
}
