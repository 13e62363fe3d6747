import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runPinnedCommand } from './command.ts';
import { circleName, fileOf, planted, plantedName } from './canary/forbidden-lines.ts';
import type { Planted } from './canary/forbidden-lines.ts';
import { boundaryOf, LINTED } from './eslint/boundaries.ts';
import { workspaceRoot } from './workspace.ts';

/*
 * The canary of the import rules. The Nx boundary rule fails open (without a fresh project graph it says nothing), and a rule that is
 * switched off says nothing either. So: plant one forbidden line of each kind in the real projects, run the real lint, and fail
 * when any of them is not reported. The planted files are gone afterwards, however this ends. They are ignored by git,
 * which keeps them out of the project graph: a circle between projects made by the planting itself would hide the rules behind it.
 */

/** A planted line in its file: the row of the table, and the line it came to stand on. */
interface Standing {
  readonly row: Planted;
  readonly file: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

interface LintMessage {
  readonly ruleId: string | null;
  readonly line?: number;
  readonly message: string;
}

interface LintResult {
  readonly filePath: string;
  readonly messages: readonly LintMessage[];
}

const REPORT = 'test-results/canary-lint.json';
const stopped = new AbortController();

function plant(): readonly Standing[] {
  const files = Map.groupBy(planted, (row) => join(workspaceRoot, boundaryOf(row.project).root, fileOf(row)));
  return [...files].flatMap(([file, rows]) => {
    let text = '// Planted by tools/boundary-canary.ts, which removes it again.\n';
    const standing = rows.map((row) => {
      const firstLine = text.split('\n').length;
      text += `${row.code}\n`;
      return { row, file, firstLine, lastLine: text.split('\n').length - 1 };
    });
    write(file, text);
    return standing;
  });
}

const made: string[] = [];

function write(file: string, text: string): void {
  const folder = dirname(file);
  const topmost = existsSync(folder) ? undefined : mkdirSync(folder, { recursive: true });
  if (topmost !== undefined) made.push(topmost);
  made.push(file);
  writeFileSync(file, text);
}

function plantCircle(): void {
  write(join(workspaceRoot, 'apps/bank/src', circleName), `import './${plantedName}';\n`);
}

/** Removes what this run planted, and what a killed run left. */
function uproot(): void {
  const leftovers = globSync([`{apps,libs}/*/src/**/*.planted.ts`, 'tools/**/*.planted.ts'], { cwd: workspaceRoot });
  const files = [...made, ...leftovers.map((file) => join(workspaceRoot, file))];
  for (const file of files) rmSync(file, { recursive: true, force: true });
}

/** Lints the planted files alone, with the rules that all files are linted with. */
async function lint(): Promise<ReadonlyMap<string, readonly LintMessage[]>> {
  const report = join(workspaceRoot, REPORT);
  rmSync(report, { force: true });
  const onlyPlanted = ['--ignore-pattern=**/*.ts', '--ignore-pattern=**/*.tsx', '--ignore-pattern=!**/*.planted.ts'];
  const lintOptions = [...onlyPlanted, '--format=json', `--output-file=${REPORT}`];
  const { output } = await runPinnedCommand('eslint', [...LINTED, ...lintOptions], { signal: stopped.signal });
  if (!existsSync(report)) throw new Error(`No lint report in ${REPORT}.\n${output}`);
  const results = JSON.parse(readFileSync(report, 'utf8')) as LintResult[];
  rmSync(report, { force: true });
  return new Map(results.map(({ filePath, messages }) => [filePath, messages]));
}

/** What is wrong with this line's treatment; undefined when the rules did as they should. */
function judge(
  { row, file, firstLine, lastLine }: Standing,
  reports: ReadonlyMap<string, readonly LintMessage[]>,
): string | undefined {
  const messages = reports.get(file);
  const where = `${shown(file)}: ${row.code.split('\n')[0] ?? ''}`;
  if (!messages) return `not linted    ${where}`;
  const onLine = messages.filter(({ line = 0 }) => line >= firstLine && line <= lastLine);
  if (row.rule === undefined) {
    const wrongly = onLine.filter(({ ruleId }) => ruleId?.startsWith('@nx/') === true || ruleId === 'holdfast/doors');
    return wrongly.length === 0 ? undefined : `wrongly refused    ${where}\n    ${wrongly[0]?.message ?? ''}`;
  }
  // A suppression of everything is reported before the file, where no directive reaches.
  const heard = row.rule === 'holdfast/reasoned-suppression' ? messages : onLine;
  const reported = heard.some(({ ruleId }) => ruleId === row.rule);
  return reported ? undefined : `not reported by ${row.rule}    ${where}`;
}

const shown = (file: string): string => relative(workspaceRoot, file);

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopped.abort();
      process.exit(130);
    });
  }
  process.on('exit', uproot);
  uproot();
  const standing = plant();
  plantCircle();
  const reports = await lint();
  const wrong = standing.flatMap((each) => judge(each, reports) ?? []);
  const forbidden = standing.filter(({ row }) => row.rule !== undefined).length;
  if (wrong.length > 0) {
    console.error(`${wrong.length} of ${standing.length} planted lines were not treated as the import rules say:\n`);
    console.error(wrong.map((each) => `  ${each}`).join('\n'));
    process.exitCode = 1;
    return;
  }
  console.log(
    `${forbidden} forbidden lines planted and reported, ${standing.length - forbidden} allowed ones left alone.`,
  );
}

await main();
