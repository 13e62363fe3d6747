import { refuse } from '../../errors.ts';
import { checkScope } from '../../wire/scope.ts';
import type { Engine } from '../engine.ts';
import type { TokenRequest } from './token-request.ts';
import { ownGrantOf } from './grants.ts';
import type { TokenResponse } from './token-response.ts';
import { issueTokenResponse } from './token-response.ts';

/**
 * Issues a token for the client itself. RFC6749-4.4. It speaks for no person, so it carries scopes of the client's own and
 * no details; and there is no refresh token (RFC6749-4.4.3 [TOK-32]), since the client can come again any time.
 *
 * @throws OAuthError `invalid_scope` when more is asked than registered, or nothing is there to give
 */
export async function issueForClient(as: Engine, { client, form, cnf, trail }: TokenRequest): Promise<TokenResponse> {
  // Details need somebody who agrees to them.
  if (form.has('authorization_details'))
    throw refuse('invalid_authorization_details', 'authorization_details_type_unsupported');
  const own = client.scopes.filter((scope) => as.profile.clientScopes.includes(scope));
  const asked = checkScope(form.get('scope'), own, 'scope_not_allowed');
  const scopes = asked.length > 0 ? asked : own;
  if (scopes.length === 0) throw refuse('invalid_scope', 'nothing_requested');
  trail.subject = client.id;
  const order = { client, grant: ownGrantOf(as, client), scopes, details: [], cnf };
  // Nobody granted it, so there is no grant to ask about.
  const { grant_id: _, ...response } = await issueTokenResponse(as, order);
  return response;
}
