import { setTimeout as sleep } from 'node:timers/promises';
import { Refused, RefusedByServer } from '../refusal.ts';
import type { Party } from '../relying-party.ts';
import { Steps } from '../steps.ts';
import type { PendingRequest } from './backchannel-request.ts';
import { redeemBackchannelRequest } from './receive-tokens.ts';
import type { Granted } from './receive-tokens.ts';

/** CIBA-CORE-11: by how much, in seconds, a server that says so is asked less often. */
const SLOWER = 5;

/** Asks until it is decided, never more often than the server allows. CIBA-CORE-10.1.1. */
export function pollUntilDecided(
  party: Party,
  pending: PendingRequest,
  first: 'at once' | 'after the interval',
): Promise<Granted> {
  return party.steps.step('the decision', async (checked) => {
    const quiet = { ...party, steps: new Steps() };
    let { interval } = pending;
    if (first === 'after the interval') await sleep(interval * 1000);
    for (let asked = 1; ; asked++) {
      if (party.now() >= pending.expiresAt) throw new Refused('request_expired');
      const answer = await ask(quiet, pending);
      if (typeof answer !== 'string') {
        checked(asked === 1 ? 'at the first question' : `at question ${asked}`);
        for (const what of quiet.steps.done.at(-1)?.checked ?? []) checked(what);
        return answer;
      }
      if (answer === 'slow_down') interval += SLOWER;
      await sleep(interval * 1000);
    }
  });
}

async function ask(
  party: Party,
  { authReqId }: PendingRequest,
): Promise<Granted | 'authorization_pending' | 'slow_down'> {
  try {
    return await redeemBackchannelRequest(party, authReqId);
  } catch (error) {
    if (!(error instanceof RefusedByServer)) throw error;
    if (error.code !== 'authorization_pending' && error.code !== 'slow_down') throw error;
    return error.code;
  }
}
