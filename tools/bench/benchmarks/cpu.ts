import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../../arguments.ts';
import { build } from '../../platform/build.ts';
import { PlatformTrouble } from '../../platform/trouble.ts';
import type { Benchmark, BenchmarkRun } from '../benchmark.ts';
import { startField } from '../cpu/contenders.ts';
import type { RunningContender } from '../cpu/contenders.ts';
import { measure, prepare, warmUp } from '../cpu/measure.ts';
import type { Effort } from '../cpu/measure.ts';
import { profileOf } from '../cpu/profile.ts';
import { sharesOf } from '../cpu/profile-summary.ts';
import { report, verdictsOf } from '../cpu/report.ts';
import type { Played } from '../cpu/report.ts';
import { contenderNames, loadScenarios } from '../cpu/scenario.ts';
import type { NamedScenario } from '../cpu/scenario.ts';

const usage = `
  --only <names>   only these scenarios, separated by commas (names of files in tools/bench/cpu/scenarios)
  --rounds <n>     slices of each server, taken in turns (default 20)
  --scale <n>      multiplies the operations of a slice, of the warm-up too (default 1)
  --ports <n>      moves Holdfast's ports by this much (a free range is looked for when absent)
  --assert         exit code 1 when a goal is missed
  --profile <dir>  measures nothing, but writes a CPU profile of Holdfast's process under each scenario, and sums it up;
                   with TMPDIR=/dev/shm no time goes into waiting for the disk
`;

const LANES = 4;
const ROUNDS = 20;

interface Wish {
  readonly scenarios: readonly NamedScenario[];
  readonly rounds: number;
  readonly scale: number;
  readonly offset: number | undefined;
  readonly assert: boolean;
  readonly profiles: string | undefined;
}

export const benchmark: Benchmark = {
  summary: 'CPU time of the authorization server beside a bare app and beside oidc-provider',
  usage,
  run,
};

async function run(run: BenchmarkRun): Promise<number> {
  const { args, progress, signal } = run;
  const wish = await readWish(args);
  await progress.step('Build', () => build(['certificate-authority', 'authorization-server', 'bank'], signal));
  const field = await progress.step('Servers', () =>
    startField({
      names: wish.profiles === undefined ? contenderNames : ['holdfast'],
      lanes: LANES,
      ...(wish.offset === undefined ? {} : { offset: wish.offset }),
    }),
  );
  const effort = { rounds: wish.rounds, scale: wish.scale, lanes: LANES };
  const contenders = [...field.contenders.values()];
  try {
    if (wish.profiles !== undefined) return await profile(wish.profiles, wish.scenarios, contenders, effort, run);
    const played: Played[] = [];
    for (const scenario of wish.scenarios) {
      const measured = await progress.step(scenario.title, () => measure(scenario, contenders, effort, signal));
      played.push({ scenario, measured });
    }
    console.log(`\n${[...machine(), ...report(played)].join('\n')}\n`);
    const missed = played.some(({ measured }) => verdictsOf(measured).some(({ met }) => !met));
    return wish.assert && missed ? 1 : 0;
  } finally {
    await field.stop();
  }
}

/** Where the numbers come from; only ratios can be taken elsewhere. */
function machine(): readonly string[] {
  const processors = cpus();
  const load = loadavg().map((each) => each.toFixed(1));
  return [
    `Node ${process.versions.node}, ${processors.length} × ${processors[0]?.model ?? 'unknown'}, load ${load.join(' ')}`,
  ];
}

const MOST_SHARES = 15;

async function profile(
  folder: string,
  scenarios: readonly NamedScenario[],
  contenders: readonly RunningContender[],
  effort: Effort,
  { progress, signal }: BenchmarkRun,
): Promise<number> {
  mkdirSync(folder, { recursive: true });
  for (const scenario of scenarios) {
    const { players, absent } = await prepare(scenario, contenders, effort, signal);
    for (const [name, why] of absent) console.log(`\n${scenario.title}: without ${name}, for ${why}`);
    for (const player of players) {
      const file = join(folder, `${scenario.name}.cpuprofile`);
      const taken = await progress.step(scenario.title, async () => {
        await warmUp([player]);
        return profileOf(player.contender.pid, async () => {
          for (let round = 0; round < effort.rounds; round++) await player.slice();
        });
      });
      writeFileSync(file, JSON.stringify(taken));
      const shares = sharesOf(taken).slice(0, MOST_SHARES);
      const lines = shares.map(({ owner, part }) => `${(part * 100).toFixed(1).padStart(5)} %  ${owner}`);
      console.log(`\n${scenario.title}, ${file}\n${lines.join('\n')}`);
    }
  }
  return 0;
}

async function readWish(args: readonly string[]): Promise<Wish> {
  const { values } = parseOptions(args);
  const all = await loadScenarios();
  const named = values.only?.split(',');
  const unknown = named?.filter((name) => !all.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0)
    throw new PlatformTrouble(
      `there is no scenario ${unknown.join(', ')}`,
      `There are: ${all.map(({ name }) => name).join(', ')}.`,
    );
  return {
    scenarios: all.filter(({ name }) => named?.includes(name) ?? true),
    rounds: positive('rounds', values.rounds) ?? ROUNDS,
    scale: positive('scale', values.scale) ?? 1,
    offset: positive('ports', values.ports),
    assert: values.assert ?? false,
    profiles: values.profile,
  };
}

function parseOptions(args: readonly string[]) {
  return readArguments('npm run bench', {
    args: [...args],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      scale: { type: 'string' },
      ports: { type: 'string' },
      assert: { type: 'boolean' },
      profile: { type: 'string' },
    },
  });
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0) return value;
  throw new PlatformTrouble(`--${name} wants a number above zero, not ${text}`, 'See --help.');
}
