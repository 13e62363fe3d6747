import type { Trail } from '../../audit.ts';
import { audited } from '../../audit.ts';
import { epochSeconds } from '../../clock.ts';
import { refuse } from '../../errors.ts';
import type { ResourceRequest } from '../../rs/verify-request.ts';
import { verify } from '../../rs/verify-request.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import { formatScope } from '../../wire/scope.ts';
import type { Engine } from '../engine.ts';
import { ownTokenExpectations, trailOf } from '../engine.ts';
import type { Grant } from '../state.ts';
import { isActive, revokeGrant } from '../token/grants.ts';

/** What may be done with a grant here. GM-7.1. */
export const GRANT_MANAGEMENT_ACTIONS = ['query', 'revoke'] as const;
type Action = (typeof GRANT_MANAGEMENT_ACTIONS)[number];

/** A grant, as its client may see it. GM-6.4; it never holds a token. */
export interface GrantStatus {
  readonly scopes: readonly { readonly scope: string }[];
  readonly authorization_details: readonly AuthorizationDetail[];
  /** Epoch seconds, both. */
  readonly created_at: number;
  readonly expires_at: number;
}

/**
 * Tells a client what one of its grants permits, and until when. GM-6.4.
 * @throws OAuthError as a resource server's refusal, or `not_found`
 */
export function queryGrant(as: Engine, request: ResourceRequest, grantId: string): Promise<GrantStatus> {
  return audited(as.audit, 'grant_management.query', trailOf(request), async (trail) => {
    const { scopes, authorizationDetails, createdAt, expiresAt } = await ownGrant(as, request, grantId, 'query', trail);
    return {
      scopes: scopes.length === 0 ? [] : [{ scope: formatScope(scopes) }],
      authorization_details: authorizationDetails,
      created_at: epochSeconds(createdAt),
      expires_at: epochSeconds(expiresAt),
    };
  });
}

/**
 * Ends a grant at the wish of its client, with every refresh and access token issued under it. GM-6.5.
 * @throws OAuthError as a resource server's refusal, or `not_found`
 */
export function revokeGrantByClient(as: Engine, request: ResourceRequest, grantId: string): Promise<void> {
  return audited(as.audit, 'grant_management.revoke', trailOf(request), async (trail) => {
    const grant = await ownGrant(as, request, grantId, 'revoke', trail);
    await revokeGrant(as, grant.id, 'revoked_by_client');
  });
}

/**
 * The grant, if the token permits the action and the grant is its client's.
 *
 * GM-10: a grant id is no secret; whoever learned one learns nothing more here. A grant of another client, one that has
 * ended and one that never was are refused alike.
 */
async function ownGrant(
  as: Engine,
  request: ResourceRequest,
  grantId: string,
  action: Action,
  trail: Trail,
): Promise<Grant> {
  const caller = await verify({ ...ownTokenExpectations(as), audience: as.issuer }, request, trail);
  // GM-6.1: a scope for each action; a token that may look may not end anything.
  if (!caller.scopes.includes(`grant_management_${action}`)) throw refuse('insufficient_scope', 'permission_missing');
  const grant = await as.state.findGrant(grantId);
  if (grant === undefined || grant.clientId !== caller.clientId || !isActive(as, grant))
    throw refuse('not_found', 'object_not_found');
  // The event is about this grant, not about the one behind the token.
  trail.grant = grant.id;
  return grant;
}
