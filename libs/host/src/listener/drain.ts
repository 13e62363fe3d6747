import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from './connections.ts';
import type { Limits } from './limits.ts';

type DrainLimits = Pick<Limits, 'lameDuck' | 'drainIdle' | 'drain'>;

/**
 * Ends a listener without failing a call. For a while everything is still answered, each answer announcing that its connection
 * closes; then nothing new is accepted, what is in flight finishes, and connections at rest are ended.
 *
 * @returns how many connections had to be cut off with a request in them
 */
export async function drain(server: Server, connections: Connections, limits: DrainLimits): Promise<number> {
  const end = performance.now() + limits.drain;
  connections.announceEnd();
  await sleep(limits.lameDuck);
  server.close();
  await settled(() => connections.open === 0, performance.now() + limits.drainIdle);
  await settled(() => {
    connections.endResting();
    // What is left then is in its handshake.
    return connections.resting === 0 && connections.busy === 0;
  }, end);
  const cut = connections.busy;
  connections.cutAll();
  return cut;
}

const POLL_MS = 20;

async function settled(done: () => boolean, until: number): Promise<void> {
  while (!done() && performance.now() < until) await sleep(POLL_MS);
}
