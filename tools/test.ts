import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { readArguments } from './arguments.ts';
import { runNx, runPinnedCommand } from './command.ts';
import type { CommandRun } from './command.ts';
import { LINTED } from './eslint/boundaries.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { Progress } from './progress.ts';
import type { Say } from './progress.ts';
import { onStop } from './start/stop-signals.ts';
import { add, countsOf, none, oneTest } from './test/counts.ts';
import type { Counts } from './test/counts.ts';
import { failedTestsOf } from './test/failed-tests.ts';
import { failingPart } from './test/failing-part.ts';
import { ensureRequirements } from './test/requirements.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm test -- [options]

  --only <steps>    comma-separated, of: format, references, traceability, lint, canary, build,
                    types, unit, e2e
  --help            this text

Runs every check of the repository and ends with a line "N passed, N failed".`;

type Work = (say: Say) => Promise<CommandRun>;

/** One row of the table below: what is done, and how its outcome is counted. */
interface Step {
  readonly name: string;
  readonly title: string;
  readonly work: Work;
  /** Vitest reports that are counted, as files; a step without any counts as one test. */
  readonly reports: readonly string[];
}

const STEP_LIMIT_MILLISECONDS = 18 * 60_000;
const stopped = new AbortController();

function nx(args: readonly string[], env: NodeJS.ProcessEnv = {}): Work {
  return (say) => {
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(STEP_LIMIT_MILLISECONDS)]);
    return runNx(args, { signal, tell: lastLine(say), env: { ...env, CI: 'true' } });
  };
}

function command(program: string, args: readonly string[]): Work {
  return (say) => {
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(STEP_LIMIT_MILLISECONDS)]);
    return runPinnedCommand(program, args, { signal, tell: lastLine(say) });
  };
}

/** At a terminal the living line shows the last words; a file would only be filled with them. */
function lastLine(say: Say): (text: string) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (text) => {
    const line = text.trimEnd().split('\n').at(-1)?.trim();
    if (line) say(line);
  };
}

const projectsWith = (target: string): readonly string[] =>
  ['apps', 'libs']
    .flatMap((folder) => readdirSync(join(workspaceRoot, folder)).map((name) => `${folder}/${name}`))
    .concat('tools')
    .filter((root) => existsSync(join(workspaceRoot, root, 'package.json')))
    .filter((root) => target in targetsOf(root));

function targetsOf(root: string): object {
  const text = readFileSync(join(workspaceRoot, root, 'package.json'), 'utf8');
  return (JSON.parse(text) as { nx?: { targets?: object } }).nx?.targets ?? {};
}

function steps(chromium: string): readonly Step[] {
  const all = (target: string): string[] => ['run-many', `--target=${target}`, '--output-style=static'];
  // Both at once: the second mostly waits.
  const e2e = ['run-many', '--targets=e2e,e2e-apart', '--output-style=stream'];
  return [
    { name: 'format', title: 'Format', work: command('prettier', ['--check', '--log-level=warn', '.']), reports: [] },
    { name: 'references', title: 'Project references', work: nx(['sync:check']), reports: [] },
    {
      name: 'traceability',
      title: 'Traceability',
      work: command('node', ['tools/traceability.ts', '--check']),
      reports: [],
    },
    { name: 'lint', title: 'Lint and import rules', work: command('eslint', LINTED), reports: [] },
    { name: 'canary', title: 'Boundary canary', work: command('node', ['tools/boundary-canary.ts']), reports: [] },
    { name: 'build', title: 'Build', work: nx(all('build')), reports: [] },
    { name: 'types', title: 'Types of the tests', work: nx(all('typecheck')), reports: [] },
    {
      name: 'unit',
      title: 'Unit tests',
      work: nx(all('test')),
      reports: projectsWith('test').map((root) => reportOf(root)),
    },
    {
      name: 'e2e',
      title: 'End-to-end',
      work: nx(e2e, { CHROMIUM_PATH: chromium }),
      reports: ['vitest', 'apart'].map((report) => reportOf('apps/e2e', report)),
    },
  ];
}

const logs = join(workspaceRoot, 'test-results');
const reportOf = (root: string, report = 'vitest'): string => join(workspaceRoot, root, `test-results/${report}.json`);

/** Runs one step to its end, whatever comes of it, and counts it. */
async function runStep({ name, title, work, reports }: Step, progress: Progress): Promise<Counts> {
  for (const report of reports) rmSync(report, { force: true });
  let ran: CommandRun = { code: 1, output: '' };
  let counts = none;
  try {
    await progress.step(title, async (say) => {
      ran = await work(say);
      const counted = reports.map(countsOf).reduce(add, none);
      counts = reports.length === 0 ? oneTest(ran.code === 0) : counted;
      if (counts.failed === 0 && ran.code !== 0) counts = add(counts, oneTest(false));
      if (counts.failed > 0) throw new Error('failed');
      return counts;
    });
  } catch (error) {
    if (counts.failed === 0) counts = oneTest(false);
    const log = join(logs, `${name}.log`);
    mkdirSync(logs, { recursive: true });
    writeFileSync(log, ran.output);
    const named = reports.flatMap(failedTestsOf);
    const shown = named.map((test) => test.replaceAll(/^/gm, '    '));
    // A process that died, an error after the last test: no report names it.
    if (named.length < counts.failed) shown.push(failingPart(ran.output || String(error)));
    console.error(`${shown.join('\n\n')}\n\n    ${styleText('dim', `The whole output: ${log}`)}\n`);
  }
  return counts;
}

/** @throws PlatformTrouble naming a step that does not exist: a slip must not pass for a run without failures */
function chosenFrom(all: readonly Step[], only: string | undefined): readonly Step[] {
  if (only === undefined) return all;
  const wanted = only.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !all.some((step) => step.name === name));
  if (unknown === undefined) return all.filter(({ name }) => wanted.includes(name));
  throw new PlatformTrouble(`there is no step ${unknown}`, `There are: ${all.map(({ name }) => name).join(', ')}.`);
}

async function main(): Promise<void> {
  const { values } = readArguments('npm test', {
    options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  onStop(
    () => stopped.abort(),
    () => process.exit(130),
  );
  const progress = new Progress();
  const { chromium } = await progress.step('What the tests need', ensureRequirements);
  const chosen = chosenFrom(steps(chromium), values.only);

  let total = none;
  for (const step of chosen) if (!stopped.signal.aborted) total = add(total, await runStep(step, progress));
  if (total.skipped > 0) console.log(`${total.skipped} skipped`);
  const complete = !stopped.signal.aborted && chosen.length > 0;
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = complete && total.failed === 0 && total.passed > 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  tellTrouble(error);
  process.exitCode = 1;
});
