import { globSync } from 'node:fs';
import { tellFailure } from './fuzz/failure.ts';
import type { FuzzOptions } from './fuzz/options.ts';
import { readFuzzOptions, usage } from './fuzz/options.ts';
import type { PropertyResult, RoundOptions, RoundOrder } from './fuzz/round.ts';
import { runRound, WORKERS } from './fuzz/round.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { Progress } from './progress.ts';
import { onStop } from './start/stop-signals.ts';
import { workspaceRoot } from './workspace.ts';

const PROPERTY_FILES = '{libs,apps}/*/src/**/*.property.spec.ts';

/** Milliseconds for each property in the first round, which also counts them, and the bounds of the later ones. */
const SHORTEST_TURN = 2_000;
// Longer turns would leave Vitest without a word of its workers; the time is better spent on another seed.
const LONGEST_TURN = 10_000;

const stopped = new AbortController();

/** What all rounds together came to. */
interface Tally {
  cases: number;
  readonly held: Set<string>;
  readonly failures: PropertyResult[];
}

const newTally = (): Tally => ({ cases: 0, held: new Set(), failures: [] });
const count = (number: number): string => number.toLocaleString('en');
const nameOf = ({ file, title = '' }: PropertyResult): string => `${file} ${title}`;

function addTo(tally: Tally, results: readonly PropertyResult[]): void {
  for (const result of results) {
    tally.cases += result.cases ?? 0;
    if (result.failure === undefined) tally.held.add(nameOf(result));
    else tally.failures.push(result);
  }
  for (const failure of tally.failures) tally.held.delete(nameOf(failure));
}

/** The files `--only` means; when its text is part of no path, it is part of a title. */
function choose(only: string | undefined): { readonly include: readonly string[]; readonly title?: string } {
  const files = globSync(PROPERTY_FILES, { cwd: workspaceRoot });
  if (only === undefined) return { include: files };
  const named = files.filter((file) => file.includes(only));
  return named.length > 0 ? { include: named } : { include: files, title: only };
}

/** Rounds until a property fails or the time is over. */
async function fuzz(options: FuzzOptions, progress: Progress): Promise<Tally> {
  const { include, ...filter } = choose(options.only);
  const tally = newTally();
  const end = performance.now() + options.minutes * 60_000;
  let turn = SHORTEST_TURN;
  for (let round = 0; tally.failures.length === 0 && !stopped.signal.aborted; round++) {
    const seed = options.seed + round;
    const order = { seed, cases: Number.MAX_SAFE_INTEGER, milliseconds: turn, include };
    addTo(tally, await shownRound(`Round ${round + 1}, seed ${seed}`, order, filter, progress));
    const share = ((end - performance.now()) * Math.min(WORKERS, include.length)) / Math.max(1, tally.held.size);
    if (share < SHORTEST_TURN || tally.held.size === 0) break;
    turn = Math.round(Math.min(LONGEST_TURN, share));
  }
  return tally;
}

/** One case again. */
async function replay(options: FuzzOptions, progress: Progress): Promise<Tally> {
  const { include, ...filter } = choose(options.only);
  const tally = newTally();
  const { seed, path = '' } = options;
  addTo(tally, await shownRound(`Seed ${seed}, path ${path}`, { seed, path, cases: 1, include }, filter, progress));
  return tally;
}

/** Runs a round as a step of the progress, marked as failed when a property is. */
async function shownRound(
  title: string,
  order: RoundOrder,
  filter: RoundOptions,
  progress: Progress,
): Promise<readonly PropertyResult[]> {
  let results: readonly PropertyResult[] | undefined;
  const so = newTally();
  const tell = (result: PropertyResult): void => addTo(so, [result]);
  try {
    await progress.step(title, async (say) => {
      const shown = (result: PropertyResult): void => {
        tell(result);
        if (process.stderr.isTTY) say(`${count(so.held.size)} held, ${count(so.cases)} cases; ${result.title ?? ''}`);
      };
      results = await runRound(order, { ...filter, signal: stopped.signal, tell: shown });
      if (so.failures.length > 0) throw new Error('a property does not hold');
    });
  } catch (error) {
    if (results === undefined) throw error;
  }
  return results ?? [];
}

async function main(): Promise<number> {
  const options = readFuzzOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return 0;
  }
  onStop(
    () => stopped.abort(),
    () => process.exit(130),
  );
  const progress = new Progress();
  const { held, failures, cases } = await (options.path === undefined ? fuzz : replay)(options, progress);
  for (const failure of failures) console.error(tellFailure(failure));
  if (held.size + failures.length === 0 && !stopped.signal.aborted)
    throw new PlatformTrouble(`--only ${options.only ?? ''}: no such property`, 'Name a part of a path or of a title.');
  console.log(`${count(held.size)} properties held, ${count(failures.length)} failed, in ${count(cases)} cases`);
  return stopped.signal.aborted || failures.length > 0 ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    tellTrouble(error);
    process.exit(1);
  },
);
