import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { composeCommand } from '../compose.ts';
import { build } from '../platform/build.ts';
import { configurationFile } from '../platform/configuration.ts';
import { compiledMain } from '../platform/platform.ts';
import { configurationsOf, findRunning } from '../platform/running.ts';
import { PlatformTrouble } from '../platform/trouble.ts';
import { Progress } from '../progress.ts';
import { workspaceRoot } from '../workspace.ts';

const app = 'certificate-authority';

/** Asks the certificate authority by its commands, which work on its store beside the running process. */
export interface AuthorityProcess {
  /** @returns what the command said; @throws PlatformTrouble with what went wrong */
  run(...command: readonly string[]): Promise<string>;
}

/** The certificate authority of a home on this machine, or the one in its container. */
export async function authorityProcess(where: { home: string; compose: boolean }): Promise<AuthorityProcess> {
  const [program = '', ...args] = where.compose ? inContainer() : await inHome(resolve(workspaceRoot, where.home));
  return {
    async run(...command) {
      try {
        const { stdout } = await promisify(execFile)(program, [...args, ...command], { cwd: workspaceRoot });
        return stdout.trim();
      } catch (cause) {
        const { stderr = '', message } = cause as { stderr?: string; message: string };
        throw new PlatformTrouble(stderr.trim() || message, 'npm run pki tells what there is.', { cause });
      }
    },
  };
}

async function inHome(home: string): Promise<readonly string[]> {
  if (!existsSync(join(home, 'pki')))
    throw new PlatformTrouble(`there is no platform in ${home}`, 'npm start makes one; --home names another.');
  const running = await findRunning(home);
  // What runs was built, and stays what it is.
  if (!running) await new Progress().step('Build', () => build([app]));
  const config = configurationFile(configurationsOf(running), app);
  return [process.execPath, compiledMain(app), '--config', config, '--home', home];
}

function inContainer(): readonly string[] {
  const program = ['node', `apps/${app}/dist/main.js`, '--config', `infra/config/compose/${app}.json`];
  return composeCommand('exec', '-T', app, ...program);
}
