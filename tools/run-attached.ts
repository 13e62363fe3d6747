import { spawn } from 'node:child_process';
import { composeCommand } from './compose.ts';
import type { AppName } from './platform/apps.ts';
import { workspaceRoot } from './workspace.ts';

/** Hears how the program can be ended. */
export type Hear = (kill: (signal: NodeJS.Signals) => void) => void;

/** Runs a program on this terminal. @returns its exit code */
export function runAttached(program: string, args: readonly string[], hear?: Hear): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn(program, args, { cwd: workspaceRoot, stdio: 'inherit' });
    hear?.((signal) => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code) => done(code ?? 1));
  });
}

/**
 * Runs the program of an app once more inside its running container: only there are its keys and its network.
 * @param before arguments in front of the configuration, such as the task
 */
export function runInContainer(app: AppName, before: readonly string[], after: readonly string[]): Promise<number> {
  const program = ['node', `apps/${app}/dist/main.js`, ...before, '--config', `infra/config/compose/${app}.json`];
  const [docker = '', ...args] = composeCommand('exec', '-T', app, ...program, ...after);
  return runAttached(docker, args);
}
