import { refuse } from '../../errors.ts';
import { required } from '../../form.ts';
import { checkScope } from '../../wire/scope.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import type { Grant } from '../state.ts';
import type { TokenRequest } from './exchange.ts';
import { checkGrantActive, grantedDetails } from './grants.ts';
import type { TokenResponse } from './token-response.ts';
import { issueTokenResponse } from './token-response.ts';

/**
 * Issues a new access token for a refresh token. RFC6749-6.
 *
 * FAPI2-SP-FINAL-5.3.2.1-9: the refresh token is not rotated. It is bound to the client, not to the first certificate
 * (RFC8705-7.1), so a renewed certificate gets an access token bound to the new one.
 *
 * @throws OAuthError `invalid_grant`, or `invalid_scope` / `invalid_authorization_details` when more is asked than granted
 */
export async function refreshAccessToken(as: Engine, request: TokenRequest): Promise<TokenResponse> {
  const { client, form, cnf, trail } = request;
  const grant = await findOwnGrant(as, client, required(form, 'refresh_token'));
  trail.grant = grant.id;
  trail.subject = grant.subject;
  checkGrantActive(as, grant);
  const asked = checkScope(form.get('scope'), grant.scopes, 'scope_widened');
  const scopes = asked.length > 0 ? asked : grant.scopes;
  const details = grantedDetails(client, form, grant);
  return issueTokenResponse(as, { client, grant, scopes, details, cnf });
}

async function findOwnGrant(as: Engine, client: RegisteredClient, refreshToken: string): Promise<Grant> {
  const found = await as.state.findRefreshToken(refreshToken, as.clock.now());
  const grant = found && (await as.state.findGrant(found.grantId));
  if (found === undefined || grant === undefined) throw refuse('invalid_grant', 'refresh_token_unknown');
  // RFC6749-10.4: only the client it was issued to; a thief with a certificate of his own is told no more than a guesser.
  if (grant.clientId !== client.id) throw refuse('invalid_grant', 'refresh_token_foreign');
  if (found.expired) throw refuse('invalid_grant', 'refresh_token_expired');
  return grant;
}
