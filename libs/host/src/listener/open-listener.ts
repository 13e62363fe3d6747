import type { ListenerOptions, RunningListener } from './listener-options.ts';

/**
 * `startListener` of start-listener.ts. The framework is loaded by the first call: a command that opens no listener is done before
 * it would have been there.
 * @throws StartUpError when routes and exposure table differ, or the door is not what it should be
 */
export async function startListener(options: ListenerOptions): Promise<RunningListener> {
  const listener = await import('./start-listener.ts');
  return listener.startListener(options);
}
