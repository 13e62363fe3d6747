import { refuse } from '../errors.ts';
import type { AuthorizationDetail } from '../wire/authorization-details.ts';
import type { VerifiedCaller } from './verify-request.ts';

/**
 * The detail that permits an action. FAPI2-SP-FINAL-5.3.4-4 [RS-17], RFC9396-9.1.
 * @throws OAuthError 403 `insufficient_scope` when the token does not carry it
 */
export function requireDetail(caller: VerifiedCaller, type: string, action: string): AuthorizationDetail {
  const detail = caller.authorizationDetails.find((d) => d.type === type && d.actions.includes(action));
  if (detail === undefined)
    throw refuse('insufficient_scope', 'permission_missing', { evidence: { needed: `${type}:${action}` } });
  return detail;
}
