import { setTimeout as sleep } from 'node:timers/promises';

export interface Load {
  /** How many calls have been answered so far. */
  answered(): number;
  /** Resolves when `count` more have been answered. */
  more(count: number): Promise<void>;
  /** Stops, waits for the calls in flight, and answers with every failure. */
  stop(): Promise<readonly unknown[]>;
}

/** Ten callers that never pause, except for a moment after a failure. */
export function underLoad(callOnce: () => Promise<unknown>): Load {
  const failures: unknown[] = [];
  let answered = 0;
  let running = true;
  const callers = Array.from({ length: 10 }, async () => {
    while (running) {
      try {
        await callOnce();
        answered += 1;
      } catch (error) {
        failures.push(error);
        await sleep(10);
      }
    }
  });
  return {
    answered: () => answered,
    async more(count) {
      const enough = answered + count;
      while (answered < enough) await sleep(5);
    },
    async stop() {
      running = false;
      await Promise.all(callers);
      return failures;
    },
  };
}
