import { secondsAfter } from '../../clock.ts';
import { OAuthError } from '../../errors.ts';
import type { Engine } from '../engine.ts';

const BATCH = 50;

/**
 * Seconds a consent request is left alone. Our choice, no clause: many times what a call to the bank may take, so that none
 * is still under way and would be recorded after it was ended.
 */
const LEFT_ALONE = 60;

/**
 * Ends consents that the bank recorded and no grant came of: the process died between the two, a denial in another tab was
 * faster, or the person came back and chose other accounts. No token names them, so nothing could be read with them; they
 * would only stand in the bank's books as something the customer never finished.
 *
 * @returns how many were ended
 */
export async function endAbandonedConsents(as: Engine): Promise<number> {
  const now = as.clock.now();
  let ended = 0;
  for (const request of await as.state.abandonedConsentRequests(secondsAfter(now, -LEFT_ALONE), now, BATCH)) {
    try {
      await as.consents.endRequested(request);
    } catch (error) {
      // The bank is away: the rest would fail too, and the next round tries again.
      if (error instanceof OAuthError && error.code === 'temporarily_unavailable') return ended;
      throw error;
    }
    // Only now, so that a crash between the two ends it once more rather than never.
    await as.state.forgetConsentRequest(request);
    // As much of the key as the bank writes down too, to find the two records of one consent.
    as.audit({ action: 'consent.end_abandoned', outcome: 'allowed', evidence: { request: request.slice(0, 12) } });
    ended += 1;
  }
  return ended;
}
