import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../../arguments.ts';
import { build } from '../../platform/build.ts';
import { freeOffset } from '../../platform/free-offset.ts';
import { startPlatform } from '../../platform/index.ts';
import { PlatformTrouble } from '../../platform/trouble.ts';
import type { Benchmark, BenchmarkRun } from '../benchmark.ts';
import { table } from '../cpu/table.ts';
import { playRound } from '../revocation/round.ts';
import type { Felt } from '../revocation/round.ts';

/** Milliseconds from the command to the refusal: what the documents promise. */
const BOUND = 2_000;

const usage = `
  --rounds <n>   certificates of each kind that are taken back, one after the other (default 5)
  --ports <n>    moves the platform's ports by this much (a free range is looked for when absent)
  --assert       exit code 1 when the bound of ${BOUND} ms is missed
`;

export const benchmark: Benchmark = {
  summary: 'how long a certificate is still good after npm run pki -- revoke, at every door',
  usage,
  run,
};

async function run({ args, progress, signal }: BenchmarkRun): Promise<number> {
  const wish = readWish(args);
  await progress.step('Build', () => build(['certificate-authority', 'authorization-server', 'bank'], signal));
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const offset = wish.offset ?? (await freeOffset());
  try {
    const platform = await progress.step('Platform', () =>
      startPlatform({ home, offset, apps: ['certificate-authority', 'authorization-server', 'bank'] }),
    );
    try {
      const rounds: Felt[] = [];
      for (let round = 1; round <= wish.rounds; round++) {
        signal.throwIfAborted();
        rounds.push(await progress.step(`Revocation ${round} of ${wish.rounds}`, () => playRound(platform)));
      }
      console.log(`\n${report(rounds).join('\n')}\n`);
      return wish.assert && slowest(rounds) > BOUND ? 1 : 0;
    } finally {
      await platform.stop();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function readWish(args: readonly string[]) {
  const { values } = readArguments('npm run bench -- revocation', {
    args: [...args],
    options: { rounds: { type: 'string' }, ports: { type: 'string' }, assert: { type: 'boolean' } },
  });
  const number = (name: 'rounds' | 'ports'): number | undefined => {
    const text = values[name];
    if (text === undefined || Number(text) > 0) return text === undefined ? undefined : Number(text);
    throw new PlatformTrouble(`--${name} wants a number above zero, not ${text}`, 'See --help.');
  };
  return { rounds: number('rounds') ?? 5, offset: number('ports'), assert: values.assert ?? false };
}

const slowest = (rounds: readonly Felt[]): number => Math.max(...rounds.flatMap((felt) => [...felt.values()]));

function report(rounds: readonly Felt[]): readonly string[] {
  const [first] = rounds;
  const doors = [...(first?.keys() ?? [])];
  const rows = doors.map((door) => {
    const times = rounds.map((felt) => felt.get(door) ?? Infinity).toSorted((a, b) => a - b);
    const worst = times.at(-1) ?? Infinity;
    const median = times[Math.floor(times.length / 2)] ?? Infinity;
    return [door, median.toFixed(0), worst.toFixed(0), worst <= BOUND ? '✔' : '✖'];
  });
  return [
    `Milliseconds from the start of \`npm run pki -- revoke\` to the first refusal, ${rounds.length} rounds`,
    '',
    ...table(['', 'median', 'longest', `≤ ${BOUND}`], rows),
  ];
}
