import { secondsAfter } from '../../clock.ts';
import { CIBA } from '../../profile.ts';
import type { Engine } from '../engine.ts';
import type { DuePing } from './ciba-state.ts';

/**
 * Tells clients that a person has decided. CIBA-CORE-10.2 [CIBA-15]. Called after a decision and from time to time, so that a client that
 * was away learns of it when it is back; a ping that never arrives costs nothing but time, because the client may ask by itself.
 *
 * @returns how many pings were tried
 */
export async function sendDuePings(as: Engine): Promise<number> {
  const now = as.clock.now();
  const due = await as.state.takeDuePings(now, secondsAfter(now, CIBA.ping.lease), CIBA.ping.batch);
  // Side by side: one client that does not answer must not hold up the others.
  await Promise.all(due.map((ping) => send(as, ping)));
  return due.length;
}

async function send(as: Engine, ping: DuePing): Promise<void> {
  const client = await as.clients.find(ping.clientId);
  // The registration of now counts, not the one of then: a place that was taken out of it is told nothing.
  if (client?.ciba?.mode !== 'ping' || client.disabled)
    return giveUp(as, ping, 'the client is not to be pinged any more');
  const answer = await answerOf(as, client.ciba.notificationEndpoint, ping);
  if (isDelivered(answer)) {
    await as.state.endPing(ping.id);
    report(as, ping, 'allowed', `${answer}`);
    return;
  }
  const pause = CIBA.ping.retries[ping.attempt - 1];
  if (!isWorthAnother(answer) || pause === undefined) return giveUp(as, ping, `${answer}`);
  await as.state.putOffPing(ping.id, secondsAfter(as.clock.now(), pause));
  report(as, ping, 'refused', `${answer}, again in ${pause} s`);
}

/** The status of the answer, or why there was none. */
async function answerOf(as: Engine, endpoint: string, { token, authReqId }: DuePing): Promise<number | string> {
  try {
    return await as.notifier.notify(endpoint, token, authReqId);
  } catch (error) {
    return error instanceof Error ? error.message : 'no answer';
  }
}

// CIBA-CORE-10.2: 204, and 200 with a body nobody reads. A redirect is no delivery and is not followed.
const isDelivered = (answer: number | string): boolean => typeof answer === 'number' && answer >= 200 && answer < 300;

// CIBA-CORE-10.2 leaves errors to us. Who says 401 or 404 means it, and would say it again.
const isWorthAnother = (answer: number | string): boolean =>
  typeof answer === 'string' || answer >= 500 || answer === 408 || answer === 429;

async function giveUp(as: Engine, ping: DuePing, problem: string): Promise<void> {
  await as.state.endPing(ping.id);
  report(as, ping, 'refused', `${problem}, given up`);
}

function report(as: Engine, ping: DuePing, outcome: 'allowed' | 'refused', answer: string): void {
  as.audit({
    action: 'ciba.ping',
    outcome,
    ...(outcome === 'refused' ? { reason: 'ping_not_delivered' } : {}),
    client: ping.clientId,
    subject: ping.subject,
    evidence: { answer: answer.slice(0, 200), attempt: `${ping.attempt}` },
  });
}
