import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from './platform/build.ts';
import { configurationFile } from './platform/configuration.ts';
import { freeOffset } from './platform/free-offset.ts';
import { appNames, startPlatform } from './platform/index.ts';
import { compiledMain } from './platform/platform.ts';
import { configurationsOf, findRunning } from './platform/running.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { Progress } from './progress.ts';
import { runAttached, runInContainer } from './run-attached.ts';
import type { Hear } from './run-attached.ts';
import { onStop } from './start/stop-signals.ts';
import { workspaceRoot } from './workspace.ts';

const usage = (task: string) => `npm run ${task} -- [--start | --compose | --home <dir>] [arguments of the lab]

  --start           start a platform of its own beside whatever runs, and stop it afterwards
  --compose         take the platform that runs in containers, from its lab container
  --home <dir>      take the platform that runs in this home (default .holdfast)

Everything else goes to the lab:
`;

/** The platform that is attacked or judged: where its home is, by how much its ports are moved, and how to let go of it. */
interface Target {
  readonly home: string;
  release(): Promise<void>;
}

interface Wish {
  /** What the lab is to do: `attack`, `verdict`. */
  readonly task: string;
  readonly start: boolean;
  readonly compose: boolean;
  readonly home: string;
  readonly help: boolean;
  readonly forLab: readonly string[];
}

/** Takes our own options out of the command line; the lab understands the rest. */
function readWish([task = 'attack', ...args]: readonly string[]): Wish {
  const forLab = [...args];
  const take = (name: string, values: number): readonly string[] | undefined => {
    const at = forLab.indexOf(name);
    return at < 0 ? undefined : forLab.splice(at, 1 + values).slice(1);
  };
  const start = take('--start', 0) !== undefined;
  const compose = take('--compose', 0) !== undefined;
  const [home = '.holdfast'] = take('--home', 1) ?? [];
  return {
    task,
    start,
    compose,
    home: resolve(workspaceRoot, home),
    help: forLab.includes('--help') || forLab.includes('-h'),
    forLab,
  };
}

async function runningTarget({ task, home }: Wish): Promise<Target> {
  const running = await findRunning(home);
  if (!running) {
    throw new PlatformTrouble(
      'no platform runs here',
      `Start it in another terminal with npm start, or let this do it: npm run ${task} -- --start`,
    );
  }
  return { home, release: () => Promise.resolve() };
}

async function ownTarget(progress: Progress): Promise<Target> {
  const offset = await freeOffset();
  const home = mkdtempSync(join(tmpdir(), 'holdfast-lab-'));
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  try {
    const platform = await progress.step('A platform of its own', () => startPlatform({ home, offset }));
    return {
      home,
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

const lab = (task: string, args: readonly string[], hear?: Hear): Promise<number> =>
  runAttached(process.execPath, [compiledMain('lab'), task, ...args], hear);

/** The lab of the containers: only there are its keys, and the names of the internal network. */
const labInContainers = (task: string, args: readonly string[]): Promise<number> => runInContainer('lab', [task], args);

async function main(): Promise<number> {
  const wish = readWish(process.argv.slice(2));
  if (wish.compose) return labInContainers(wish.task, wish.forLab);
  const progress = new Progress();
  if (!wish.start && !wish.help) await runningTarget(wish); // Told before a build is waited for.
  await progress.step('Build', () => build(wish.start ? appNames : ['lab']));
  if (wish.help) {
    console.log(usage(wish.task));
    return lab(wish.task, wish.forLab);
  }
  const target = wish.start ? await ownTarget(progress) : await runningTarget(wish);
  let end: (signal: NodeJS.Signals) => void = () => undefined;
  onStop(
    () => end('SIGTERM'),
    () => end('SIGKILL'),
  );
  try {
    const config = configurationFile(configurationsOf(await findRunning(target.home)), 'lab');
    return await lab(wish.task, [...wish.forLab, '--config', config, '--home', target.home], (kill) => (end = kill));
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
