import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from './arguments.ts';
import { documentOf } from './traceability/document.ts';
import { findingsOf, isProven } from './traceability/findings.ts';
import { labListOf } from './traceability/lab-list.ts';
import { measure } from './traceability/measures.ts';
import { readRequirements } from './traceability/requirements.ts';
import { tie } from './traceability/ties.ts';
import { readSources } from './traceability/workspace-sources.ts';
import { tellTrouble } from './platform/trouble.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run traceability -- [--check]

  --check    write nothing; fail when what is written is not what the tree says

Ties docs/requirements.yaml to code and tests, writes docs/traceability.md and the list of the lab, and says what is missing.`;

const REQUIREMENTS = 'docs/requirements.yaml';

/** Everything that is computed from the tree, by file. */
function main(): void {
  const { values } = readArguments('npm run traceability', {
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const requirements = readRequirements(join(workspaceRoot, REQUIREMENTS));
  const sources = readSources(workspaceRoot);
  const tied = tie(requirements, sources);
  const measures = measure(sources.engine.map(({ parsed }) => parsed));
  const written = new Map([
    ['docs/traceability.md', documentOf(requirements, tied, measures)],
    ['apps/lab/assets/requirements.json', labListOf(requirements, tied)],
  ]);

  const stale = [...written].filter(([file, text]) => textOf(file) !== text).map(([file]) => file);
  if (!values.check) for (const file of stale) writeFileSync(join(workspaceRoot, file), written.get(file) ?? '');
  const findings = [
    ...findingsOf(tied),
    ...(values.check ? stale.map((file) => `out of date: ${file}; npm run traceability writes it`) : []),
  ];
  for (const finding of findings) console.error(finding);

  const lines = [...tied.lines.values()];
  const proven = lines.filter(isProven).length;
  console.log(
    `${lines.length} requirements, ${proven} proven, ${lines.length - proven} not yet. The engine: ${measures.lines} lines, ${measures.clausesPerThousandLines.toFixed(1)} clauses per thousand, P90 of its functions ${measures.functionLinesP90} lines.`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(join(workspaceRoot, file), 'utf8');
  } catch {
    return undefined;
  }
}

try {
  main();
} catch (error) {
  tellTrouble(error);
  process.exitCode = 1;
}
