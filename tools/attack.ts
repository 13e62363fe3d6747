import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { portsOf } from './platform/apps.ts';
import { build } from './platform/build.ts';
import { configurationFile, configurationsFor } from './platform/configuration.ts';
import { appNames, startPlatform } from './platform/index.ts';
import { compiledMain } from './platform/platform.ts';
import { isPortFree } from './platform/ports.ts';
import { findRunning } from './platform/running.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { Progress } from './progress.ts';
import { onStop } from './start/stop-signals.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run attack -- [--start | --compose | --home <dir>] [arguments of the lab]

  --start           start a platform of its own beside whatever runs, and stop it afterwards
  --compose         attack the platform that runs in containers, from its lab container
  --home <dir>      attack the platform that runs in this home (default .holdfast)

Everything else goes to the lab:
`;

/** What is attacked: where its home is, by how much its ports are moved, and how to let go of it. */
interface Target {
  readonly home: string;
  readonly offset: number;
  release(): Promise<void>;
}

interface Wish {
  readonly start: boolean;
  readonly compose: boolean;
  readonly home: string;
  readonly help: boolean;
  readonly forLab: readonly string[];
}

/** Takes our own options out of the command line; the lab understands the rest. */
function readWish(args: readonly string[]): Wish {
  const forLab = [...args];
  const take = (name: string, values: number): readonly string[] | undefined => {
    const at = forLab.indexOf(name);
    return at < 0 ? undefined : forLab.splice(at, 1 + values).slice(1);
  };
  const start = take('--start', 0) !== undefined;
  const compose = take('--compose', 0) !== undefined;
  const [home = '.holdfast'] = take('--home', 1) ?? [];
  return {
    start,
    compose,
    home: resolve(workspaceRoot, home),
    help: forLab.includes('--help') || forLab.includes('-h'),
    forLab,
  };
}

async function runningTarget(home: string): Promise<Target> {
  const running = await findRunning(home);
  if (!running) {
    throw new PlatformTrouble(
      'no platform runs here to be attacked',
      'Start it in another terminal with npm start, or let this do it: npm run attack -- --start',
    );
  }
  return { home, offset: running.offset, release: () => Promise.resolve() };
}

async function ownTarget(progress: Progress): Promise<Target> {
  const offset = await freeOffset();
  const home = mkdtempSync(join(tmpdir(), 'holdfast-attack-'));
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  try {
    const platform = await progress.step('A platform of its own', () => startPlatform({ home, offset }));
    return {
      home,
      offset,
      async release() {
        await platform.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The first offset at which every port of the platform is free. */
async function freeOffset(): Promise<number> {
  for (let offset = 2_000; offset < 50_000; offset += 1_000) {
    const ports = appNames.flatMap((app) => portsOf(app, offset));
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return offset;
  }
  throw new PlatformTrouble('no range of free ports was found', 'Stop something that listens.');
}

type Hear = (kill: (signal: NodeJS.Signals) => void) => void;

const lab = (args: readonly string[], hear?: Hear): Promise<number> =>
  run(process.execPath, [compiledMain('lab'), 'attack', ...args], hear);

/** The lab of the containers: only there are its keys, and the names of the internal network. */
function labInContainers(args: readonly string[]): Promise<number> {
  // COMPOSE_FILE, where set, says which platform is meant.
  const file = process.env.COMPOSE_FILE === undefined ? ['-f', 'infra/compose/compose.yaml'] : [];
  const attack = ['node', 'apps/lab/dist/main.js', 'attack', '--config', 'infra/config/compose/lab.json', ...args];
  return run('docker', ['compose', ...file, 'exec', '-T', 'lab', ...attack]);
}

function run(program: string, args: readonly string[], hear?: Hear): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn(program, args, { cwd: workspaceRoot, stdio: 'inherit' });
    hear?.((signal) => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code) => done(code ?? 1));
  });
}

async function main(): Promise<number> {
  const wish = readWish(process.argv.slice(2));
  if (wish.compose) return labInContainers(wish.forLab);
  const progress = new Progress();
  if (!wish.start && !wish.help) await runningTarget(wish.home); // Told before a build is waited for.
  await progress.step('Build', () => build(wish.start ? appNames : ['lab']));
  if (wish.help) {
    console.log(usage);
    return lab(wish.forLab);
  }
  const target = wish.start ? await ownTarget(progress) : await runningTarget(wish.home);
  let end: (signal: NodeJS.Signals) => void = () => undefined;
  onStop(
    () => end('SIGTERM'),
    () => end('SIGKILL'),
  );
  try {
    const config = configurationFile(configurationsFor(target.home, target.offset), 'lab');
    return await lab([...wish.forLab, '--config', config, '--home', target.home], (kill) => (end = kill));
  } finally {
    await target.release();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    tellTrouble(error);
    process.exit(1);
  },
);
