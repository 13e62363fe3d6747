import type { ProcessContext } from '@holdfast/host';

/** Milliseconds between two rounds. Our choice: a bank that was away learns of ended consents this soon after it is back. */
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
