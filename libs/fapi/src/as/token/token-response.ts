import { epochSeconds, secondsAfter } from '../../clock.ts';
import { ACCESS_TOKEN_ALGORITHM } from '../../profile.ts';
import type { AccessTokenClaims } from '../../wire/access-token.ts';
import { ACCESS_TOKEN_TYPE } from '../../wire/access-token.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import type { Confirmation } from '../../wire/confirmation.ts';
import { schemeFor } from '../../wire/token-presentation.ts';
import type { TokenScheme } from '../../wire/token-presentation.ts';
import { formatScope } from '../../wire/scope.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import type { Grant } from '../state.ts';
import { isOwnGrant } from './grants.ts';

/** A successful token response. RFC6749-5.1 [TOK-27], RFC9396-7 [TOK-46]. */
export interface TokenResponse {
  readonly access_token: string;
  /**
   * RFC8705-3: a certificate-bound token is still of type Bearer; the binding is in `cnf`. RFC9449-5: a key-bound one is
   * not.
   */
  readonly token_type: TokenScheme;
  /** Seconds. */
  readonly expires_in: number;
  readonly scope?: string;
  readonly authorization_details?: readonly AuthorizationDetail[];
  /** GM-5.5: what the client can ask about, or end, at the grant management endpoint. */
  readonly grant_id?: string;
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

/** Signs an access token and wraps it up. RFC9068-2.2, RFC8705-3.1 [TOK-25]. */
export async function issueTokenResponse(as: Engine, order: AccessTokenOrder): Promise<TokenResponse> {
  const claims = accessTokenClaims(as, order);
  const { scope, authorization_details: details } = claims;
  return {
    access_token: await as.keys.sign(ACCESS_TOKEN_ALGORITHM, ACCESS_TOKEN_TYPE, { ...claims, aud: claims.aud }),
    token_type: schemeFor(order.cnf),
    expires_in: claims.exp - claims.iat,
    ...(scope === undefined ? {} : { scope }),
    ...(details === undefined ? {} : { authorization_details: details }),
    ...(isOwnGrant(order.grant) ? {} : { grant_id: order.grant.id }),
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

// RFC9068-3: the resource servers this token is for, and no other: each location of its details, and this server itself for
// userinfo (`openid`) and for what a client does here in its own name.
function audiences(as: Engine, scopes: readonly string[], details: readonly AuthorizationDetail[]): string[] {
  const locations = new Set(details.flatMap((detail) => detail.locations));
  if (scopes.some((scope) => scope === 'openid' || as.profile.clientScopes.includes(scope))) locations.add(as.issuer);
  return [...locations];
}
