import { audited } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import type { ResourceRequest } from '../../rs/verify-request.ts';
import { verifyToken } from '../../rs/verify-request.ts';
import { bearerToken } from '../../wire/bearer-token.ts';
import { presentCertificate } from '../../wire/client-certificate.ts';
import type { Engine } from '../engine.ts';
import { ownTokenExpectations, trailOf } from '../engine.ts';

/** OIDC-CORE-5.3.2. */
export interface UserInfo {
  readonly sub: string;
  readonly name?: string;
}

/**
 * Tells the client about the person behind its token. OIDC-CORE-5.3. Userinfo is a protected resource like any other: the
 * token must be for this server and bound to the live certificate.
 *
 * @throws OAuthError as a resource server's refusal
 */
export function userInfo(as: Engine, request: ResourceRequest): Promise<UserInfo> {
  return audited(as.audit, 'userinfo.read', trailOf(request), async (trail) => {
    const token = bearerToken(request.authorization, request.url);
    const peer = presentCertificate(request.peer, as.clock.now(), 'invalid_token');
    const caller = await verifyToken({ ...ownTokenExpectations(as), audience: as.issuer }, token, peer, trail);
    if (!caller.scopes.includes('openid')) throw refuse('insufficient_scope', 'permission_missing');
    const person = await as.people.find(caller.subject);
    if (person === undefined) throw refuse('invalid_token', 'token_revoked');
    // OIDC-CORE-5.4: `profile` asks for the name; without it nobody is told.
    return { sub: person.subject, ...(caller.scopes.includes('profile') ? { name: person.name } : {}) };
  });
}
