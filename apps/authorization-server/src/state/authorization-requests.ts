import type { AuthorizationState, IssuedCode, PushedRequest } from '@holdfast/fapi/as';
import { compileOnce } from '@holdfast/store';
import type { JsonValue, Store } from '@holdfast/store';
import { AlreadyUsed, unlessUsed } from './already-used.ts';
import { consentCompletion } from './consent-requests.ts';
import { grantRow } from './grants.ts';
import { writeRefreshToken } from './refresh-tokens.ts';
import { PUSHED_REQUEST } from './schema.ts';
import type { AuthorizationTables } from './schema.ts';

const CODE = 'authorization_code';

/** A code row outlives the code, so that a late second redemption is still known as one. Milliseconds. */
const CODE_MEMORY = 24 * 3600 * 1000;

interface StoredCode {
  readonly issued: IssuedCode;
  /** Epoch milliseconds. */
  readonly until: number;
}

type Verbs = Pick<
  AuthorizationState,
  | 'createPushedRequest'
  | 'findPushedRequest'
  | 'completeAuthorization'
  | 'refuseAuthorization'
  | 'findCode'
  | 'redeemCode'
>;

/** From the pushed request to the redeemed code. */
export function authorizationRequests({ db, singleUse }: Store<AuthorizationTables>): Verbs {
  const completeConsent = consentCompletion(db);
  const claimed = compileOnce(db, (tables, grantId: string) =>
    tables.updateTable('oauth_grant').set({ claim_until: null }).where('id', '=', grantId),
  );
  return {
    createPushedRequest: (requestUri, request, until) =>
      singleUse.create(PUSHED_REQUEST, requestUri, asJson(request), until),

    async findPushedRequest(requestUri, now) {
      const found = await singleUse.find<PushedRequest>(PUSHED_REQUEST, requestUri, now);
      return found && { request: found.value, used: found.used };
    },

    completeAuthorization: ({ requestUri, now, consentRequest, grant, code, issued, codeUntil }) =>
      unlessUsed(() =>
        db.transaction().execute(async (trx) => {
          const once = singleUse.within(trx);
          const request = await once.redeem(PUSHED_REQUEST, requestUri, now);
          if (!request.won) throw new AlreadyUsed();
          if (consentRequest !== undefined) await completeConsent(trx, consentRequest, now);
          await trx
            .insertInto('oauth_grant')
            .values({ ...grantRow(grant), claim_until: codeUntil.getTime() })
            .execute();
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
          const redeemed = await once.redeem<StoredCode>(CODE, code, now);
          if (!redeemed.won) throw new AlreadyUsed();
          const { grantId } = redeemed.value.issued;
          await claimed(trx, grantId);
          if (refreshToken === undefined) return;
          await writeRefreshToken(once, refreshToken);
        }),
      ),
  };
}

/** Our records are plain JSON; the type system cannot see that through their interfaces. */
const asJson = (record: object): JsonValue => record as JsonValue;
