import type { ProcessContext } from './context.ts';

/** Milliseconds between two rounds. Our choice: what waited for somebody who was away is done this soon after he is back. */
const ROUND = 5_000;

/**
 * Runs chores from time to time, one round after the other. A chore that fails is logged and tried again in the next round;
 * it does not keep the others from running.
 */
export function housekeeping(
  ctx: ProcessContext<unknown>,
  chores: Readonly<Record<string, () => Promise<unknown>>>,
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(round);
  }, ROUND);
  timer.unref();

  async function round(): Promise<void> {
    for (const [chore, run] of Object.entries(chores)) {
      try {
        await run();
      } catch (error) {
        ctx.log.warn({ err: error, chore }, 'a chore failed and will be tried again');
      }
    }
  }

  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
