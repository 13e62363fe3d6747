import { setTimeout as pause } from 'node:timers/promises';
import type { Exchange } from '../wire/https-call.ts';

/** How long the bank may take to hear of a revoked grant. */
const BOUND_MS = 5_000;

/** Asks until the bank has heard; what it says on the way (served, or a consent already ended) is not the verdict. */
export async function untilRefused(call: () => Promise<Exchange>, boundMs = BOUND_MS): Promise<Exchange> {
  const until = Date.now() + boundMs;
  let exchange = await call();
  while (exchange.status !== 401 && Date.now() < until) {
    await pause(100);
    exchange = await call();
  }
  return exchange;
}
