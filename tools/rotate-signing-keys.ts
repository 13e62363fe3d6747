import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readArguments } from './arguments.ts';
import { build } from './platform/build.ts';
import { configurationFile } from './platform/configuration.ts';
import { compiledMain } from './platform/platform.ts';
import { configurationsOf, findRunning } from './platform/running.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { Progress } from './progress.ts';
import { runAttached, runInContainer } from './run-attached.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run rotate-signing-keys -- [--compose | --home <dir>]

Publishes new keys for tokens beside the ones in use, and tells when they begin to sign and when the old ones go. Works on
the store of the authorization server, while it runs or not; no token is lost.

  --compose         in the container of the authorization server
  --home <dir>      in this home (default .holdfast)
`;

const app = 'authorization-server';
const command = ['--rotate-signing-keys'];

function readWish() {
  return readArguments('npm run rotate-signing-keys', {
    options: {
      home: { type: 'string', default: '.holdfast' },
      compose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

async function main(): Promise<number> {
  const values = readWish();
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.compose) return runInContainer(app, [], command);
  const home = resolve(workspaceRoot, values.home);
  if (!existsSync(join(home, 'pki')))
    throw new PlatformTrouble(`there is no platform in ${home}`, 'npm start makes one; --home names another.');
  const running = await findRunning(home);
  // What runs was built, and stays what it is.
  if (!running) await new Progress().step('Build', () => build([app]));
  const config = configurationFile(configurationsOf(running), app);
  return runAttached(process.execPath, [compiledMain(app), '--config', config, '--home', home, ...command]);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    tellTrouble(error);
    process.exit(1);
  },
);
