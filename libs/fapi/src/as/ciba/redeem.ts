import { refuse } from '../../errors.ts';
import { required } from '../../form.ts';
import { CIBA } from '../../profile.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import type { TokenRequest } from '../token/token-request.ts';
import { activeGrant, grantedDetails } from '../token/grants.ts';
import { issueIdToken } from '../token/id-token.ts';
import { newRefreshToken } from '../token/refresh-token.ts';
import type { TokenResponse } from '../token/token-response.ts';
import { issueTokenResponse } from '../token/token-response.ts';
import type { CibaDecision, KeptCibaRequest } from './ciba-state.ts';
import { cibaRequestId } from './request-authentication.ts';

/**
 * Redeems an `auth_req_id` once its person has agreed; until then the client is told how things stand. CIBA-CORE-10.1,
 * CIBA-CORE-11. By poll (FAPI-CIBA-5.2.2-4 [CIBA-14]) or ping; tokens leave here and nowhere else (FAPI-CIBA-5.2.2-3 [CIBA-16]).
 *
 * @throws OAuthError `authorization_pending`, `slow_down`, `expired_token`, `access_denied`, or `invalid_grant`
 */
export async function redeemAuthReqId(as: Engine, request: TokenRequest): Promise<TokenResponse> {
  const { client, form, cnf, trail } = request;
  const kept = await findOwnRequest(as, client, required(form, 'auth_req_id'));
  trail.subject = kept.request.subject;
  const { grantId, idTokenClaims } = await checkDecision(as, kept);
  trail.grant = grantId;
  const grant = await activeGrant(as, grantId);
  const details = grantedDetails(client, form, grant);

  const refreshToken = newRefreshToken(as, client, grant);
  // Of fifty at the same instant one wins. The others are the client's own, and what it won stays good: an `auth_req_id` is
  // worth nothing to anybody but the client that can authenticate (CIBA-CORE-7.3), so a second use tells of no theft.
  if (!(await as.state.redeemCibaRequest(kept.request.id, as.clock.now(), refreshToken)))
    throw refuse('invalid_grant', 'auth_req_id_used');
  return {
    ...(await issueTokenResponse(as, { client, grant, scopes: grant.scopes, details, cnf })),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken.token }),
    // CIBA-CORE-10.3.1: the claim with the auth_req_id belongs to push, which there is not.
    id_token: await issueIdToken(as, client, { subject: grant.subject, idTokenClaims }),
  };
}

// CIBA-CORE-10.1 [CIBA-07], CIBA-CORE-11: unknown, or another client's: the same answer. Refused, and left usable for its owner.
async function findOwnRequest(as: Engine, client: RegisteredClient, authReqId: string): Promise<KeptCibaRequest> {
  const kept = await as.state.findCibaRequest(cibaRequestId(authReqId));
  if (kept === undefined) throw refuse('invalid_grant', 'auth_req_id_unknown');
  if (kept.request.clientId !== client.id) throw refuse('invalid_grant', 'auth_req_id_foreign');
  return kept;
}

async function checkDecision(
  as: Engine,
  { request, decision, used }: KeptCibaRequest,
): Promise<Extract<CibaDecision, { kind: 'approved' }>> {
  if (used) throw refuse('invalid_grant', 'auth_req_id_used');
  const now = as.clock.now();
  // CIBA-CORE-11 [CIBA-10]
  if (request.expiresAt <= now) throw refuse('expired_token', 'auth_req_id_expired');
  // CIBA-CORE-11 [CIBA-11]. RFC6749-5.2: 400, unlike at the endpoint that takes the request (CIBA-CORE-13).
  if (decision?.kind === 'denied') throw refuse('access_denied', 'consent_denied', { status: 400 });
  // A decision is told at once: who was just pinged has a reason to come earlier than the interval says.
  if (decision !== undefined) return decision;
  // CIBA-CORE-11 [CIBA-08] [CIBA-09]
  const pace = { tolerance: CIBA.pollTolerance, slowDownBy: CIBA.slowDownBy, max: CIBA.pollIntervalMax };
  if (!(await as.state.pollCibaRequest(request.id, now, pace))) throw refuse('slow_down', 'polled_too_soon');
  throw refuse('authorization_pending', 'person_undecided');
}
