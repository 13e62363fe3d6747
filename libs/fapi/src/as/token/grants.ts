import { secondsAfter } from '../../clock.ts';
import { refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import { narrowDetails, parseRequestedDetails } from '../../wire/authorization-details.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import type { Grant } from '../state.ts';

/** Seconds a revocation is remembered beyond the life of the tokens it concerns. Our choice, no clause. */
export const REVOCATION_MARGIN = 60;

/** @throws OAuthError `invalid_grant` when the grant does not exist, was revoked or has expired */
export async function activeGrant(as: Engine, grantId: string): Promise<Grant> {
  const grant = await as.state.findGrant(grantId);
  if (grant === undefined) throw refuse('invalid_grant', 'grant_revoked');
  checkGrantActive(as, grant);
  return grant;
}

/** Whether a grant is in force now. */
export const isActive = (as: Engine, grant: Grant): boolean =>
  grant.revokedAt === undefined && grant.expiresAt > as.clock.now();

/** @throws OAuthError `invalid_grant` when the grant was revoked or has expired */
export function checkGrantActive(as: Engine, grant: Grant): void {
  if (grant.revokedAt !== undefined) throw refuse('invalid_grant', 'grant_revoked');
  if (grant.expiresAt <= as.clock.now()) throw refuse('invalid_grant', 'grant_expired');
}

/**
 * The details an access token will carry: what was granted, or the part of it this request asks for. RFC9396-6.
 * @throws OAuthError `invalid_authorization_details` when it asks for more
 */
export function grantedDetails(
  client: RegisteredClient,
  form: Parameters,
  grant: Grant,
): readonly AuthorizationDetail[] {
  const json = form.get('authorization_details');
  if (json === undefined) return grant.authorizationDetails;
  return narrowDetails(grant.authorizationDetails, parseRequestedDetails(json, client.detailTypes));
}

/** Marks the authority a client has by itself; no grant of a person carries this prefix, for their ids have no colon. */
export const OWN_GRANT = 'client:';

/**
 * What a client may do in its own name, as if it were a grant that never ends: its tokens are revoked with it, all at once,
 * when the client is switched off.
 */
export const ownGrantOf = (as: Engine, client: RegisteredClient): Grant => ({
  id: OWN_GRANT + client.id,
  clientId: client.id,
  // RFC9068-2.2: without a person the subject is the client.
  subject: client.id,
  scopes: client.scopes,
  authorizationDetails: [],
  createdAt: as.clock.now(),
  expiresAt: secondsAfter(as.clock.now(), as.profile.accessTokenLifetime),
});

/** Whether this is what a client may do in its own name, which no person granted and no client can manage. */
export const isOwnGrant = ({ id }: Grant): boolean => id.startsWith(OWN_GRANT);

/**
 * Revokes a grant with everything issued under it.
 * @param cause why, for the record
 * @returns false when it was revoked before
 */
export async function revokeGrant(as: Engine, grantId: string, cause: string): Promise<boolean> {
  const grant = await as.state.findGrant(grantId);
  if (grant === undefined) return false;
  const now = as.clock.now();
  // Resource servers have to know of it until the last access token has expired by itself, and a little longer, because
  // one may be in the making at this very moment.
  const until = secondsAfter(now, as.profile.accessTokenLifetime + REVOCATION_MARGIN);
  const revoked = await as.state.revokeGrant(grantId, cause, now, until);
  if (revoked)
    as.audit({
      action: 'grant.revoke',
      outcome: 'allowed',
      reason: cause,
      grant: grantId,
      client: grant.clientId,
      subject: grant.subject,
    });
  return revoked;
}

/**
 * Revokes everything issued to a client: what people granted it, and what it has in its own name. Its tokens are refused
 * at resource servers within two seconds; whether it may come for new ones is for the registry to say.
 *
 * @param cause why, for the record
 * @returns how many grants of people were revoked
 */
export async function revokeGrantsOfClient(as: Engine, clientId: string, cause: string): Promise<number> {
  const now = as.clock.now();
  const until = secondsAfter(now, as.profile.accessTokenLifetime + REVOCATION_MARGIN);
  const revoked = await as.state.revokeGrantsOfClient(clientId, OWN_GRANT + clientId, cause, now, until);
  for (const grant of [...revoked, OWN_GRANT + clientId])
    as.audit({ action: 'grant.revoke', outcome: 'allowed', reason: cause, grant, client: clientId });
  return revoked.length;
}
