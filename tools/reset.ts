import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { readArguments } from './arguments.ts';
import { findRunning } from './platform/running.ts';
import { tellTrouble } from './platform/trouble.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run reset -- [--home <dir>]

Removes the keys, data and logs of the platform. The next start makes them anew: new certificates, empty stores.`;

/** Removes a home, unless a platform runs in it. */
async function reset(): Promise<number> {
  const { values } = readArguments('npm run reset', {
    options: { home: { type: 'string', default: '.holdfast' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const home = resolve(workspaceRoot, values.home);
  const running = await findRunning(home);
  if (running) {
    console.error(
      `The platform runs in ${values.home} (process ${running.pid}).\n  → Stop it with Ctrl-C there, then reset.`,
    );
    return 1;
  }
  if (!existsSync(home)) {
    console.log(`There is no ${values.home}: nothing to remove.`);
    return 0;
  }
  const parts = readdirSync(home);
  if (!isHome(parts)) {
    console.error(`${values.home} does not look like a home of the platform.\n  → Name the right one with --home.`);
    return 1;
  }
  for (const part of parts) rmSync(join(home, part), { recursive: true });
  rmSync(home, { recursive: true });
  console.log(`Removed ${relative(process.cwd(), home) || home}: ${parts.join(', ')}.`);
  return 0;
}

// Someone else's folder, named by a slip, must not be emptied.
const known = new Set(['pki', 'offline', 'data', 'audit', 'logs', 'config', 'running.json']);

function isHome(parts: readonly string[]): boolean {
  return parts.every((part) => known.has(part));
}

reset().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    tellTrouble(error);
    process.exitCode = 1;
  },
);
