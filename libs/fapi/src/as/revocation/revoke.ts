import type { Trail } from '../../audit.ts';
import { audited } from '../../audit.ts';
import { secondsAfter } from '../../clock.ts';
import { readForm, required } from '../../form.ts';
import { authenticateClient } from '../client-auth/authenticate.ts';
import type { RegisteredClient } from '../clients.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { trailOf } from '../engine.ts';
import { ownAccessToken } from '../introspection/introspect.ts';
import { REVOCATION_MARGIN, revokeGrant } from '../token/grants.ts';

/**
 * Revokes a token of the calling client. RFC7009-2.1 [INFO-01] [INFO-09].
 *
 * A refresh token takes its grant along, and with it every access token (RFC7009-2.1) and the consent at the bank. Whatever
 * the token is, the answer is the same 200 (RFC7009-2.2 [INFO-08]); another client's token stays untouched.
 *
 * @throws OAuthError `invalid_client` when the caller is not authenticated
 */
export function revoke(as: Engine, request: EndpointRequest): Promise<void> {
  return audited(as.audit, 'revocation.revoke', trailOf(request), async (trail) => {
    const form = readForm(request.form);
    const client = await authenticateClient(as, form, request, trail);
    const token = required(form, 'token');
    // RFC7009-2.1: token_type_hint only says where to look first; both places are looked at anyway.
    const revoked =
      (await revokeRefreshToken(as, client, token, trail)) || (await revokeAccessToken(as, client, token, trail));
    trail.evidence = { ...trail.evidence, effect: revoked ? 'revoked' : 'none' };
  });
}

async function revokeRefreshToken(as: Engine, client: RegisteredClient, token: string, trail: Trail): Promise<boolean> {
  const found = await as.state.findRefreshToken(token, as.clock.now());
  const grant = found && (await as.state.findGrant(found.grantId));
  if (grant === undefined || grant.clientId !== client.id) return false;
  trail.grant = grant.id;
  return revokeGrant(as, grant.id, 'revoked_by_client');
}

async function revokeAccessToken(as: Engine, client: RegisteredClient, token: string, trail: Trail): Promise<boolean> {
  const judged = await ownAccessToken(as, token, trail);
  if (judged === undefined || judged.clientId !== client.id) return false;
  trail.grant = judged.grantId;
  // A resource server whose clock is behind takes the token for alive a little longer than this one does.
  const until = secondsAfter(judged.expiresAt, REVOCATION_MARGIN);
  await as.state.revokeAccessToken(judged.tokenId, as.clock.now(), until);
  return true;
}
