import { commentsIn } from './code-comments.ts';
import type { Marks } from './marks.ts';
import { marksOfComment, marksOfTitle } from './marks.ts';
import type { Line, Requirements } from './requirements.ts';
import { linesOf } from './requirements.ts';
import { isKnownClause } from './specifications.ts';
import { testsIn, titlesInTable } from './test-titles.ts';
import type { WorkspaceSources } from './workspace-sources.ts';

/** A line of the list with everything that was found for it. */
export interface TiedLine extends Line {
  readonly pending: boolean;
  /** Files that enforce it. */
  readonly code: readonly string[];
  readonly tests: readonly Proof[];
}

/** A test, without the marks in its title. */
export interface Proof {
  readonly file: string;
  readonly title: string;
}

export interface Tied {
  readonly lines: ReadonlyMap<string, TiedLine>;
  /** Marks nobody knows, each with its place. */
  readonly unknown: readonly string[];
  /** Places that name a line and none of its clauses. */
  readonly rootless: readonly string[];
}

interface Marked extends Marks {
  readonly file: string;
}
type MarkedTest = Marked & Proof;

/**
 * Ties every line to code and tests, by its id in a comment or a title. A clause alone ties to nothing: it says where a rule comes
 * from, and most clauses hold several. But beside the id there stands one of the line's clauses, so that either finds the other.
 */
export function tie(requirements: Requirements, sources: WorkspaceSources): Tied {
  const comments = sources.code.flatMap(({ path, parsed }) =>
    commentsIn(parsed).map((text): Marked => ({ file: path, ...marksOfComment(text) })),
  );
  const titles = [
    ...sources.tests.flatMap(({ path, parsed }) =>
      testsIn(parsed).map((test) => ({ path, all: [test.title, ...test.rows] })),
    ),
    ...sources.tables.flatMap(({ path, parsed }) => titlesInTable(parsed).map((title) => ({ path, all: [title] }))),
  ];
  const tests = titles.flatMap(({ path, all: [title = '', ...rows] }) => markedTests(path, title, rows));
  const pending = new Set(requirements.pending);
  const lines = linesOf(requirements).map((line): [string, TiedLine] => [
    line.id,
    {
      ...line,
      pending: pending.has(line.id),
      code: distinct(comments.filter(({ lines }) => lines.includes(line.id)).map(({ file }) => file)),
      tests: tests.filter((test) => test.lines.includes(line.id)).map(({ file, title }) => ({ file, title })),
    },
  ]);
  const known = new Set(linesOf(requirements).map(({ id }) => id));
  return {
    lines: new Map(lines),
    unknown: [
      ...comments.flatMap((place) => strangers(place, known).map((mark) => `${place.file}: [${mark}] in a comment`)),
      ...titles.flatMap(({ path, all }) =>
        distinct(all.flatMap((title) => oddMarks(title, known))).map((mark) => `${path}: [${mark}] in a title`),
      ),
    ],
    rootless: distinct([...rootless(comments, requirements), ...rootless(tests, requirements)]),
  };
}

/** A table of tests is one test, unless its rows say more than its title does. */
function markedTests(file: string, title: string, rows: readonly string[]): readonly MarkedTest[] {
  const common = marksOfTitle(title);
  const own = rows.flatMap((row): MarkedTest[] => {
    const { clauses, lines } = marksOfTitle(row);
    const more = lines.filter((line) => !common.lines.includes(line));
    return more.length === 0 ? [] : [{ file, title: withoutMarks(row), clauses, lines: more }];
  });
  return [{ file, title: withoutMarks(title), clauses: common.clauses, lines: common.lines }, ...own];
}

/** Marks that name a line and none of the clauses it comes from. */
function rootless(places: readonly Marked[], requirements: Requirements): readonly string[] {
  const byId = new Map(linesOf(requirements).map((line) => [line.id, line.clauses]));
  return places.flatMap(({ file, clauses, lines }) =>
    lines
      .map((id) => ({ id, from: byId.get(id) ?? [] }))
      .filter(({ from }) => from.length > 0 && !from.some((clause) => clauses.some((mark) => isWithin(mark, clause))))
      .map(({ id, from }) => `${file}: [${id}] stands without ${from.join(' or ')}`),
  );
}

/** A clause, or an item of it: `RFC9449-4.3-9` says more than `RFC9449-4.3`, and nothing else. */
const isWithin = (mark: string, clause: string): boolean => mark === clause || mark.startsWith(`${clause}-`);

function strangers({ clauses, lines }: Marks, known: ReadonlySet<string>): readonly string[] {
  return [...clauses.filter((clause) => !isKnownClause(clause)), ...lines.filter((line) => !known.has(line))];
}

function oddMarks(title: string, known: ReadonlySet<string>): readonly string[] {
  const marks = marksOfTitle(title);
  return [...marks.odd, ...strangers(marks, known)];
}

const withoutMarks = (title: string): string =>
  title.replace(/ ?\[[A-Z][A-Z\d]*(?:-[A-Z\d.]+)+(?:[\s,]+[A-Z][A-Z\d]*(?:-[A-Z\d.]+)+)*\]/g, '').trim();

const distinct = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];
