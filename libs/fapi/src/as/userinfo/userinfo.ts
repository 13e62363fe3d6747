import { audited } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import type { ResourceRequest, VerifiedCaller } from '../../rs/verify-request.ts';
import { verify } from '../../rs/verify-request.ts';
import type { Engine } from '../engine.ts';
import { ownTokenExpectations, trailOf } from '../engine.ts';

/** OIDC-CORE-5.3.2 [INFO-11]. */
export interface UserInfo {
  readonly sub: string;
  readonly name?: string;
}

/**
 * Tells the client about the person behind its token. OIDC-CORE-5.3. Userinfo is a protected resource like any other: the
 * token must be for this server and bound to a key that is proven on this request (RFC8705-3 [INFO-10]).
 *
 * @throws OAuthError as a resource server's refusal
 */
export function userInfo(as: Engine, request: ResourceRequest): Promise<UserInfo> {
  return audited(as.audit, 'userinfo.read', trailOf(request), async (trail) => {
    const caller = await verify({ ...ownTokenExpectations(as), audience: as.issuer }, request, trail);
    if (!caller.scopes.includes('openid')) throw refuse('insufficient_scope', 'permission_missing');
    const person = await as.people.find(caller.subject);
    if (person === undefined) throw refuse('invalid_token', 'token_revoked');
    return { sub: person.subject, ...((await asksForName(as, caller)) ? { name: person.name } : {}) };
  });
}

// OIDC-CORE-5.4, OIDC-CORE-5.5: the scope `profile` asks for the name, or the claims parameter did; else nobody is told.
async function asksForName(as: Engine, { scopes, grantId }: VerifiedCaller): Promise<boolean> {
  if (scopes.includes('profile')) return true;
  const grant = await as.state.findGrant(grantId);
  return grant?.userinfoClaims?.includes('name') ?? false;
}
