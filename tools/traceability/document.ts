import type { Measures } from './measures.ts';
import { FLOORS } from './measures.ts';
import { isProven } from './findings.ts';
import type { Requirements, Section } from './requirements.ts';
import { titleOf, urlOf } from './specifications.ts';
import type { Tied, TiedLine } from './ties.ts';

const HOW = {
  live: 'the lab asks the running platform besides',
  clock: 'time has to pass, or a clock has to be wrong',
  peer: 'the other side has to be hostile',
  key: "it takes a token signed with the server's own key",
  inside: 'it shows inside the process only',
} as const;

/** The page that shows every line with its clauses, its code and its tests. */
export function documentOf(requirements: Requirements, { lines }: Tied, measures: Measures): string {
  const all = [...lines.values()];
  return `${[
    '<!-- Written by `npm run traceability`; do not edit. -->',
    '# What is demanded, where it is enforced, how it is proven',
    'Every demand of the protocol as one checkable line, from [requirements.yaml](requirements.yaml). Code is tied to a line by a comment, a test by its title: with the id of the line in brackets, beside one of its clauses. `npm test` fails when a line has lost its code or its tests, when a title names what nobody knows, or when this page is not what the tree says. ',
    legend(),
    summary(requirements, lines),
    measured(measures),
    ...requirements.sections.map((section) => table(section, lines)),
    specifications(all),
  ].join('\n\n')}\n`;
}

function legend(): string {
  const words = Object.entries(HOW).map(([how, why]) => `**${how}**: ${why}`);
  return `Tests prove every line. What else there is to say of the proof stands behind who must hold the line: ${words.join('; ')}. \`npm run verdict\` asks the platform what is live.`;
}

function summary({ sections }: Requirements, lines: ReadonlyMap<string, TiedLine>): string {
  const rows = sections.map((section) => {
    const of = section.lines.flatMap(({ id }) => lines.get(id) ?? []);
    const proven = of.filter(isProven);
    const tests = new Set(of.flatMap(({ tests: own }) => own.map(({ file, title }) => `${file}\n${title}`)));
    const name = `[${section.title}](#${anchorOf(section)})`;
    return row([name, String(of.length), String(proven.length), String(of.length - proven.length), String(tests.size)]);
  });
  return [
    row(['section', 'lines', 'proven', 'not yet', 'tests']),
    row(['---', '--:', '--:', '--:', '--:']),
    ...rows,
  ].join('\n');
}

// In steps, so that the page is not out of date after every line that is written; the exact numbers are printed by the command.
function measured({ clausesPerThousandLines, functionLinesP90 }: Measures): string {
  const clauses = Math.floor(clausesPerThousandLines / 10) * 10;
  const lines = Math.ceil(functionLinesP90 / 5) * 5;
  return `The engine (libs/fapi) names a clause at least ${clauses} times per thousand lines of code (floor: ${FLOORS.clausesPerThousandLines}), and nine of ten of its functions have at most ${lines} lines (floor: ${FLOORS.functionLines}).`;
}

function table(section: Section, lines: ReadonlyMap<string, TiedLine>): string {
  const head = ['', 'requirement', 'clauses', 'enforced in', 'proven by'];
  const rows = section.lines.flatMap(({ id }) => lines.get(id) ?? []).map(lineRow);
  return [`## ${section.title}`, [row(head), row(head.map(() => '---')), ...rows].join('\n')].join('\n\n');
}

function lineRow(line: TiedLine): string {
  const clauses = line.clauses.map((clause) => `[${clause}](${urlOf(clause) ?? ''})`);
  const proofs = line.tests.map(({ file, title }) => `[${nameOf(file)}](../${file}) ${plain(title)}`);
  const requirement = `${plain(line.text)}<br><sub>${line.by.join(', ')} · ${line.how}</sub>`;
  const notYet = isProven(line) ? [] : ['**not yet**'];
  return row([
    `<a id="${line.id.toLowerCase()}"></a>${line.id}`,
    requirement,
    clauses.length === 0 ? 'our choice' : clauses.join('<br>'),
    line.code.map((file) => `[${nameOf(file)}](../${file})`).join('<br>') || '–',
    [...notYet, ...proofs].join('<br>'),
  ]);
}

function specifications(lines: readonly TiedLine[]): string {
  const names = new Map(lines.flatMap(({ clauses }) => clauses.map((clause) => [shortName(clause), titleOf(clause)])));
  const list = [...names].map(([name, title]) => `- ${name}: ${title}`);
  return `## The specifications\n\n${list.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).join('\n')}`;
}

const shortName = (clause: string): string => clause.replace(/-[A-F\d][\d.]*(?:-\d+)?$/, '');
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const nameOf = (file: string): string => file.split('/').at(-1) ?? file;
const anchorOf = ({ title }: Section): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');

/** Text inside a cell of a table; what stands between backticks is left alone. */
const plain = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll(/[_*]/g, '\\$&')))
    .join('')
    .replaceAll('|', '\\|');
