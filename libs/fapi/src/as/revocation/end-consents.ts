import { OAuthError } from '../../errors.ts';
import type { Engine } from '../engine.ts';

const BATCH = 50;

/**
 * Tells the bank of grants that were revoked. The bank refuses their tokens already, from the revocations it watches; this
 * closes its record of the consent too. Called after a revocation and from time to time, so that a bank that was away
 * learns of it when it is back.
 *
 * @returns how many consents were ended
 */
export async function endConsentsOfRevokedGrants(as: Engine): Promise<number> {
  let ended = 0;
  for (const { grantId, consentId } of await as.state.grantsWithOpenConsent(BATCH)) {
    try {
      await as.consents.end(consentId);
    } catch (error) {
      // The bank is away: the rest would fail too, and the next round tries again.
      if (error instanceof OAuthError && error.code === 'temporarily_unavailable') return ended;
      throw error;
    }
    await as.state.markConsentEnded(grantId);
    as.audit({ action: 'consent.end', outcome: 'allowed', grant: grantId });
    ended += 1;
  }
  return ended;
}
