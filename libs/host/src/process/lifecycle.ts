import type { Logger } from '../log/log.ts';
import { createLogger } from '../log/log.ts';
import type { Arguments } from './arguments.ts';
import type { OwnedContext, RunningProcess } from './context.ts';
import { createContext } from './context.ts';
import type { ProcessDefinition } from './define-process.ts';

// Our choice, no clause: longer than the drain of a listener, shorter than the ten seconds a container gets.
const END_WITHIN_MS = 9_500;
// A terminal sends Ctrl-C to the whole group and a parent passes it on: within this time it is the same wish.
const SAME_WISH_MS = 500;

/** Starts the process and keeps it until a signal, or the end of its parent, drains it. */
export async function runUntilSignalled<C>(
  definition: ProcessDefinition<C>,
  args: Arguments,
  config: C,
): Promise<void> {
  const { name } = definition;
  const log = createLogger({ name, form: args.log, level: args.debug ? 'debug' : 'info' });
  endOnUnhandledErrors(log);
  const ctx = createContext({ name, config, home: args.home, log, onSecret: 'redact' });
  const running = definition.start(ctx);
  endOnSignals(ctx, running);
  const { ready = [] } = await running;
  log.info({ urls: ready }, 'ready');
  process.send?.({ type: 'ready', name, urls: ready });
}

/** State after an unhandled error is unknown, and unknown state does not decide about money. */
function endOnUnhandledErrors(log: Logger): void {
  process.on('uncaughtException', (error, origin) => {
    log.fatal({ err: error, origin }, 'an error nobody handled: the process ends');
    process.exit(1);
  });
}

function endOnSignals(ctx: OwnedContext<unknown>, running: Promise<RunningProcess>): void {
  let since: number | undefined;
  const end = (why: string): void => {
    if (since === undefined) {
      since = performance.now();
      void drain(ctx, running, why);
    } else if (why !== PARENT_GONE && performance.now() - since > SAME_WISH_MS) {
      ctx.log.warn({ why }, 'told twice: ending at once');
      process.exit(1);
    }
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  // A child whose parent died would hold its ports against the next start.
  if (process.send !== undefined) process.on('disconnect', () => end(PARENT_GONE));
}

const PARENT_GONE = 'the parent process is gone';

async function drain(ctx: OwnedContext<unknown>, running: Promise<RunningProcess>, why: string): Promise<void> {
  ctx.log.info({ why }, 'draining');
  ctx.startDraining();
  setTimeout(() => {
    ctx.log.error({ milliseconds: END_WITHIN_MS }, 'the drain took too long: ending with work unfinished');
    process.exit(1);
  }, END_WITHIN_MS);
  try {
    await (await running).close();
    ctx.release();
    ctx.log.info('ended');
    process.exit(0);
  } catch (error) {
    ctx.log.fatal({ err: error }, 'the drain failed');
    process.exit(1);
  }
}
