import type { AuthorizationState, NewRefreshToken } from '@holdfast/fapi/as';
import type { SingleUse, Store } from '@holdfast/store';
import type { AuthorizationTables } from './schema.ts';

const REFRESH_TOKEN = 'refresh_token';

type StoredRefreshToken = { readonly grantId: string; /** Epoch milliseconds. */ readonly issuedAt: number };

/** Refresh tokens: kept as hashes, used up by nothing but their replacement. */
export function refreshTokens({
  singleUse,
}: Store<AuthorizationTables>): Pick<AuthorizationState, 'findRefreshToken' | 'replaceRefreshToken'> {
  return {
    async findRefreshToken(token, now) {
      const found = await singleUse.find<StoredRefreshToken>(REFRESH_TOKEN, token, now);
      if (found === undefined) return undefined;
      const { grantId, issuedAt } = found.value;
      // Nothing uses a refresh token up but its replacement.
      return { grantId, issuedAt: new Date(issuedAt), expired: found.expired, replaced: found.used };
    },

    replaceRefreshToken: (token, successor, now) =>
      singleUse.replace(REFRESH_TOKEN, token, successor.token, stored(successor), successor.until, now),
  };
}

/** Writes a new refresh token. */
export function writeRefreshToken(once: SingleUse, refreshToken: NewRefreshToken): Promise<void> {
  return once.create(REFRESH_TOKEN, refreshToken.token, stored(refreshToken), refreshToken.until);
}

const stored = ({ grantId, issuedAt }: NewRefreshToken): StoredRefreshToken => ({
  grantId,
  issuedAt: issuedAt.getTime(),
});
