import { epochSeconds, secondsAfter } from '../../clock.ts';
import type { AccessTokenClaims } from '../../wire/access-token.ts';
import { ACCESS_TOKEN_TYPE } from '../../wire/access-token.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import type { Confirmation } from '../../wire/confirmation.ts';
import { formatScope } from '../../wire/scope.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import type { Grant } from '../state.ts';

/** A successful token response. RFC6749-5.1, RFC9396-7. */
export interface TokenResponse {
  readonly access_token: string;
  /** RFC8705-3: a certificate-bound token is still of type Bearer; the binding is in `cnf`. */
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly scope?: string;
  readonly authorization_details?: readonly AuthorizationDetail[];
  readonly refresh_token?: string;
  readonly id_token?: string;
}

export interface AccessTokenOrder {
  readonly client: RegisteredClient;
  readonly grant: Grant;
  readonly scopes: readonly string[];
  readonly details: readonly AuthorizationDetail[];
  readonly cnf: Confirmation;
}

/** Signs an access token and wraps it up. RFC9068-2.2, RFC8705-3.1. */
export async function issueTokenResponse(as: Engine, order: AccessTokenOrder): Promise<TokenResponse> {
  const claims = accessTokenClaims(as, order);
  const { scope, authorization_details: details } = claims;
  return {
    access_token: await as.keys.sign(ACCESS_TOKEN_TYPE, { ...claims, aud: claims.aud }),
    token_type: 'Bearer',
    expires_in: claims.exp - claims.iat,
    ...(scope === undefined ? {} : { scope }),
    ...(details === undefined ? {} : { authorization_details: details }),
  };
}

function accessTokenClaims(as: Engine, order: AccessTokenOrder): AccessTokenClaims & { aud: string[] } {
  const { grant, scopes, details, cnf, client } = order;
  const now = as.clock.now();
  // Never longer than the grant it stands for.
  const expiresAt = Math.min(secondsAfter(now, as.profile.accessTokenLifetime).getTime(), grant.expiresAt.getTime());
  return {
    iss: as.issuer,
    sub: grant.subject,
    aud: audiences(as, scopes, details),
    client_id: client.id,
    iat: epochSeconds(now),
    exp: epochSeconds(new Date(expiresAt)),
    jti: as.random.token(128),
    grant_id: grant.id,
    cnf,
    ...(scopes.length === 0 ? {} : { scope: formatScope(scopes) }),
    ...(details.length === 0 ? {} : { authorization_details: details }),
  };
}

// RFC9068-3: the resource servers this token is for, and no other: each location of its details, and this server's own
// userinfo when `openid` was granted.
function audiences(as: Engine, scopes: readonly string[], details: readonly AuthorizationDetail[]): string[] {
  const locations = new Set(details.flatMap((detail) => detail.locations));
  if (scopes.includes('openid')) locations.add(as.issuer);
  return [...locations];
}
