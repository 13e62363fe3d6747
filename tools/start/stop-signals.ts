const IMPATIENCE_MILLISECONDS = 1_000;

/**
 * Calls `stop` once, at the first wish to end: Ctrl-C, a terminal that closes, a termination, or the end of the parent. The same wish
 * often arrives several times (npm and the terminal both send it); only one that comes a second later is a person's impatience.
 */
export function onStop(stop: () => void, impatient: () => void): void {
  let first: number | undefined;
  const wish = (): void => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      stop();
    } else if (now - first > IMPATIENCE_MILLISECONDS) impatient();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, wish);
  if (!process.channel) return;
  process.once('disconnect', wish);
  process.channel.unref();
}
