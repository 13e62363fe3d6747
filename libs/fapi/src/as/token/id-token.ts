import { epochSeconds } from '../../clock.ts';
import type { Engine } from '../engine.ts';
import type { Grant, IssuedCode } from '../state.ts';

/**
 * Issues an ID token: who logged in, for this client, for this request. OIDC-CORE-2.
 * `nonce` exactly as sent; `auth_time` only when asked for; no claim nobody asked for.
 */
export function issueIdToken(as: Engine, grant: Grant, issued: IssuedCode): Promise<string> {
  const now = epochSeconds(as.clock.now());
  return as.keys.sign('JWT', {
    iss: as.issuer,
    sub: grant.subject,
    aud: grant.clientId,
    iat: now,
    exp: now + as.profile.idTokenLifetime,
    ...(issued.nonce === undefined ? {} : { nonce: issued.nonce }),
    ...(issued.authTime === undefined ? {} : { auth_time: issued.authTime }),
  });
}
