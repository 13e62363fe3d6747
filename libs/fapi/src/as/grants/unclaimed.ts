import { secondsAfter } from '../../clock.ts';
import type { Engine } from '../engine.ts';
import { revokeGrant } from '../token/grants.ts';

const BATCH = 50;

/** Seconds beyond the life of a code. Our choice, no clause: replicas' clocks differ by less. */
const MARGIN = 60;

/**
 * Ends grants whose client never came for its tokens: the browser was closed on the way back, or somebody else's `state`
 * came with the code. GM-5.6.1. The consent at the bank goes with them, and the person is not shown an access that nobody has.
 *
 * @returns how many were ended
 */
export async function endUnclaimedGrants(as: Engine): Promise<number> {
  const unclaimed = await as.state.unclaimedGrants(secondsAfter(as.clock.now(), -MARGIN), BATCH);
  for (const grantId of unclaimed) await revokeGrant(as, grantId, 'never_claimed');
  return unclaimed.length;
}
