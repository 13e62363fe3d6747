import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { workspaceRoot } from './workspace.ts';

/** How a command ended, with everything it said. */
export interface CommandRun {
  readonly code: number;
  readonly output: string;
}

export interface RunOptions {
  /** Ends the command and all that it started. */
  readonly signal?: AbortSignal;
  /** Hears each piece of output as it comes. */
  readonly tell?: (text: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command of the workspace (`node_modules/.bin`) in the root, on the workspace's own Node. */
export function runPinnedCommand(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CommandRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: workspaceRoot,
      env: { ...process.env, ...options.env, NX_DAEMON: 'false', PATH: pinnedPath() },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that it can be ended with everything it started.
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        options.tell?.(text);
      });
    }
    const end = (): void => endGroup(child.pid);
    options.signal?.addEventListener('abort', end);
    child.on('error', reject);
    child.on('close', (code) => {
      options.signal?.removeEventListener('abort', end);
      resolve({ code: code ?? 1, output });
    });
  });
}

export function runNx(args: readonly string[], options: RunOptions = {}): Promise<CommandRun> {
  return runPinnedCommand('nx', args, options);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It ended by itself in the meantime.
  }
}

/** The workspace's own commands, and its own Node, before those of the machine. */
function pinnedPath(): string {
  return [join(workspaceRoot, 'node_modules/.bin'), process.env.PATH].filter(Boolean).join(':');
}
