import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { workspaceRoot } from '../workspace.ts';
import { commandLineOf } from './apps.ts';
import type { AppName } from './apps.ts';
import { readLogLine } from './log-line.ts';
import type { LogLine } from './log-line.ts';

/** How a process ended; `expected` when somebody here asked for it. */
export interface Ending {
  readonly app: AppName;
  readonly expected: boolean;
  readonly how: string;
  readonly lastLines: readonly string[];
}

export interface Launch {
  readonly app: AppName;
  /** The compiled entry; the arguments follow it. */
  readonly main: string;
  readonly config: string;
  readonly home: string;
  /** What its log is called; the app's name when absent. */
  readonly name?: string;
  readonly onLine?: (line: LogLine) => void;
}

/** One running process of the platform. Its whole output goes to `<home>/logs/<name>.log`. */
export interface AppProcess {
  readonly app: AppName;
  readonly pid: number;
  /** Settles when the process is gone, for whatever reason; never rejects. */
  readonly ended: Promise<Ending>;
  /** Sends a signal as a test or a person would, and waits until the process is gone. */
  end(signal: NodeJS.Signals, within?: number): Promise<Ending>;
}

const KEPT_LINES = 20;
// A process gives itself less than this for its drain.
const STOP_MILLISECONDS = 11_000;

/** Loaded first into every process, so that it ends with us even when we die while it is still loading. */
export const endWithParent = join(import.meta.dirname, 'end-with-parent.mjs');

export function launch({ app, main, config, home, name = app, onLine }: Launch): AppProcess {
  const child = spawn(process.execPath, ['--import', endWithParent, main, ...commandLineOf(app, config, home)], {
    cwd: workspaceRoot,
    env: childEnvironment(),
    // A group of its own: Ctrl-C reaches only us, and we stop the processes in their order. The channel tells it when we die.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lastLines: string[] = [];
  const drained = keepLog(child, { name, home }, (line) => {
    if (line.text.trim() !== '') lastLines.push(line.text);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    onLine?.(line);
  });

  let expected = false;
  const ended = exitOf(child).then(async (how): Promise<Ending> => {
    await drained;
    return { app, expected, how, lastLines };
  });
  return {
    app,
    pid: child.pid ?? 0,
    ended,
    async end(signal, within = STOP_MILLISECONDS) {
      expected = true;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), within);
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * What a process inherits. Nothing that could change how Node verifies TLS, resolves modules or traces: the platform behaves
 * the same in every shell.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SystemRoot', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`did not start: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`),
    );
  });
}

/** Settles when both outputs are read to their end. */
async function keepLog(
  child: ChildProcess,
  { name, home }: { readonly name: string; readonly home: string },
  tell: (line: LogLine) => void,
): Promise<void> {
  const folder = join(home, 'logs');
  const file = join(folder, `${name}.log`);
  mkdirSync(folder, { recursive: true });
  if (existsSync(file)) renameSync(file, join(folder, `${name}.previous.log`));
  const log = createWriteStream(file, { mode: 0o600 });
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  await Promise.all(
    streams.map(async (stream) => {
      for await (const line of createInterface({ input: stream })) {
        log.write(`${line}\n`);
        tell(readLogLine(line));
      }
    }),
  );
  await new Promise<void>((resolve) => log.end(resolve));
}
