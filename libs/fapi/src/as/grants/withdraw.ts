import { audited } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { revokeGrant } from '../token/grants.ts';

/**
 * A person takes back what they granted: the refresh token, every access token and, right after, the consent at the bank
 * are dead. Taking back what is taken back already is no error; a button is easily pressed twice.
 *
 * @param subject who is logged in
 * @throws OAuthError `not_found` as a page; a grant of somebody else and one that never was look alike
 */
export function withdrawGrant(as: Engine, subject: string, grantId: string): Promise<void> {
  return audited(as.audit, 'grant.withdraw', { subject }, async (trail) => {
    const grant = await as.state.findGrant(grantId);
    if (grant === undefined || grant.subject !== subject)
      throw refuse('not_found', 'object_not_found', { show: 'page' });
    trail.grant = grant.id;
    trail.client = grant.clientId;
    const revoked = await revokeGrant(as, grant.id, 'withdrawn_by_person');
    trail.evidence = { ...trail.evidence, effect: revoked ? 'revoked' : 'none' };
  });
}
