import { refuse } from '../../errors.ts';
import { required } from '../../form.ts';
import { checkScope } from '../../wire/scope.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import type { Grant, NewRefreshToken } from '../state.ts';
import type { TokenRequest } from './token-request.ts';
import { checkGrantActive, grantedDetails } from './grants.ts';
import type { TokenResponse } from './token-response.ts';
import { issueTokenResponse } from './token-response.ts';

/**
 * Issues a new access token for a refresh token. RFC6749-6 [TOK-48].
 *
 * FAPI2-SP-FINAL-5.3.2.1-9 [TOK-30]: the refresh token is not rotated as a routine. It is bound to the client, not to the
 * first certificate (RFC8705-7.1 [TOK-29]), so a renewed certificate gets an access token bound to the new one
 * (RFC8705-6.3 [TOK-31]).
 *
 * @throws OAuthError `invalid_grant`, or `invalid_scope` / `invalid_authorization_details` when more is asked than granted
 */
export async function refreshAccessToken(as: Engine, request: TokenRequest): Promise<TokenResponse> {
  const { client, form, cnf, trail } = request;
  const token = required(form, 'refresh_token');
  const { grant, issuedAt } = await findOwnGrant(as, client, token);
  trail.grant = grant.id;
  trail.subject = grant.subject;
  checkGrantActive(as, grant);
  const asked = checkScope(form.get('scope'), grant.scopes, 'scope_widened');
  const scopes = asked.length > 0 ? asked : grant.scopes;
  const details = grantedDetails(client, form, grant);
  const successor = await replaceAfterIncident(as, client, grant, token, issuedAt);
  return {
    ...(await issueTokenResponse(as, { client, grant, scopes, details, cnf })),
    ...(successor === undefined ? {} : { refresh_token: successor }),
  };
}

async function findOwnGrant(
  as: Engine,
  client: RegisteredClient,
  refreshToken: string,
): Promise<{ grant: Grant; issuedAt: Date }> {
  const found = await as.state.findRefreshToken(refreshToken, as.clock.now());
  const grant = found && (await as.state.findGrant(found.grantId));
  if (found === undefined || grant === undefined) throw refuse('invalid_grant', 'refresh_token_unknown');
  // RFC6749-10.4 [TOK-19]: only the client it was issued to; a thief with a certificate of his own is told no more than a
  // guesser.
  if (grant.clientId !== client.id) throw refuse('invalid_grant', 'refresh_token_foreign');
  if (found.replaced) throw refuse('invalid_grant', 'refresh_token_replaced');
  if (found.expired) throw refuse('invalid_grant', 'refresh_token_expired');
  return { grant, issuedAt: found.issuedAt };
}

// After an incident at this client the operator has its older refresh tokens replaced, each at its next use.
async function replaceAfterIncident(
  as: Engine,
  client: RegisteredClient,
  grant: Grant,
  token: string,
  issuedAt: Date,
): Promise<string | undefined> {
  const before = client.replaceRefreshTokensIssuedBefore;
  if (before === undefined || issuedAt >= before) return undefined;
  const now = as.clock.now();
  const successor = as.random.token(as.profile.secretBits);
  const written = { token: successor, grantId: grant.id, issuedAt: now, until: grant.expiresAt };
  if (!(await as.state.replaceRefreshToken(token, written, now)))
    throw refuse('invalid_grant', 'refresh_token_replaced');
  return successor;
}

/**
 * The refresh token that goes with the first access token of a grant, for a client that is registered for it.
 * RFC6749-1.5.
 */
export function newRefreshToken(as: Engine, client: RegisteredClient, grant: Grant): NewRefreshToken | undefined {
  if (!client.grantTypes.includes('refresh_token')) return undefined;
  const token = as.random.token(as.profile.secretBits);
  return { token, grantId: grant.id, issuedAt: as.clock.now(), until: grant.expiresAt };
}
