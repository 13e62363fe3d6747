import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';

/** What is promised of a revocation, whatever is revoked: after so many milliseconds nobody is served by it any more. */
export const BOUND = 2_000;

/** How many answers' time the news may take on its way beyond the bound: it passes as many processes. */
const HOPS = 4;
const BETWEEN = 50;
const AT_MOST = 30_000;

/** The connection ended while the question was on its way, as those of a revoked peer do. */
class NoAnswer extends Error {}

/**
 * Asks again and again until the answer is the wanted one, and asserts that the bound was kept. On a machine that is slow to answer
 * anything at all the bound is longer by as much, and at most twice as long, so that a busy machine is not taken for a broken
 * promise; what it comes to on one that is not busy is measured by `npm run bench -- revocation`. A question whose connection is cut
 * is put again.
 *
 * @param bound milliseconds from now
 * @returns the first answer that is wanted
 */
export async function within<T>(bound: number, ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const began = performance.now();
  const since = (): number => performance.now() - began;
  for (let [longest, served] = [0, 0]; ;) {
    const asked = since();
    const answer = await ask().catch((error: unknown) => new NoAnswer(String(error), { cause: error }));
    longest = Math.max(longest, since() - asked);
    if (!(answer instanceof NoAnswer)) {
      if (isWanted(answer)) {
        const patience = Math.min(HOPS * longest, bound);
        expect(served, `an answer took ${longest.toFixed()} ms at most`).toBeLessThan(bound + patience);
        return answer;
      }
      served = asked;
    }
    if (since() > AT_MOST) throw answer instanceof NoAnswer ? answer : new Error(`still: ${JSON.stringify(answer)}`);
    await sleep(BETWEEN);
  }
}

/** {@link within}, of calls that are answered with a status. */
export async function statusWithin(bound: number, ask: () => Promise<number>, wanted: number): Promise<void> {
  await within(bound, ask, (status) => status === wanted);
}
