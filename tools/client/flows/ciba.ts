import { requestBackchannel } from '../calls/backchannel-request.ts';
import { approveElsewhere } from '../calls/approve-elsewhere.ts';
import { discover } from '../calls/discover.ts';
import { openNotificationListener } from '../calls/notification-listener.ts';
import { pollUntilDecided } from '../calls/poll.ts';
import type { RelyingParty } from '../relying-party.ts';
import { spend } from './code.ts';

/** The person agrees on another device; we ask until it is decided. CIBA-CORE-10.1.1, FAPI-CIBA-5.2.3. */
export async function cibaPollFlow(us: RelyingParty): Promise<void> {
  const party = await discover(us);
  const pending = await requestBackchannel(party, undefined);
  await approveElsewhere(party);
  await spend(party, await pollUntilDecided(party, pending, 'after the interval'));
}

/** The person agrees on another device; the server tells us when it is decided. CIBA-CORE-10.2. */
export async function cibaPingFlow(us: RelyingParty): Promise<void> {
  const party = await discover(us);
  const listener = await openNotificationListener(party);
  try {
    const pending = await requestBackchannel(party, listener.token);
    await approveElsewhere(party);
    await listener.waitFor(party, pending);
    await spend(party, await pollUntilDecided(party, pending, 'at once'));
  } finally {
    await listener.close();
  }
}
