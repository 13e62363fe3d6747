import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readRequirementList } from '../verdict/requirement-list.ts';
import type { LineVerdict, Standing } from '../verdict/run-verdict.ts';
import { standingUnasked } from '../verdict/run-verdict.ts';
import { displayWidth } from './display-width.ts';
import { verdictReport } from './verdict-report.ts';
import { VerdictTable } from './verdict-table.ts';

const SECTIONS = readRequirementList();
const ASKED: readonly Standing[] = ['passed', 'failed', 'unclear'];

/** Every line of the list, those that are asked for in every way a question can end. */
const VERDICTS: readonly LineVerdict[] = SECTIONS.flatMap(({ lines }) =>
  lines.map(
    (requirement, place) =>
      standingUnasked(requirement) ?? {
        requirement,
        standing: ASKED[place % ASKED.length] ?? 'failed',
        expected: '400 invalid_request for each of the faults, and 201 for a request without a fault',
        observed: '400 invalid_request, 201',
        milliseconds: 12,
      },
  ),
);

describe('what is printed about a verdict', () => {
  it.each([
    ['en', 40],
    ['en', 80],
    ['en', 120],
    ['ja', 60],
    ['ja', 140],
  ] as const)('fits a terminal: %s, %i columns', (language, width) => {
    for (const colours of [false, true]) {
      const table = new VerdictTable({ width, colours }, language);
      const text =
        SECTIONS.map((section) => table.section(section)).join('') +
        VERDICTS.map((verdict) => table.row(verdict)).join('') +
        table.count(VERDICTS);
      for (const line of stripVTControlCharacters(text).split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(text.includes('\u001b')).toBe(colours);
    }
  });

  it('names line, verdict, clause, expected, seen, test and file in a row', () => {
    const verdict = VERDICTS.find(({ requirement }) => requirement.id === 'PAR-02');
    if (verdict === undefined) throw new Error('PAR-02 is not in the list');
    const [first] = verdict.requirement.tests;
    const row = new VerdictTable({ width: 400, colours: false }, 'en').row({ ...verdict, standing: 'failed' });
    for (const text of ['PAR-02', 'FAIL', 'RFC9126-2.2', 'expected: 400', 'seen: 400', first?.file ?? 'no test'])
      expect(row).toContain(text);
  });

  it('says of every line that is not asked for why', () => {
    const table = new VerdictTable({ width: 400, colours: false }, 'en');
    for (const verdict of VERDICTS.filter(({ standing }) => standing === 'tested'))
      expect(table.row(verdict)).toMatch(/its tests/);
  });

  it('is one document for machines, with everything in it', () => {
    const facts = { issuer: 'https://auth.localhost:9443', startedAt: new Date(0), away: undefined };
    const report = JSON.parse(verdictReport({ verdicts: VERDICTS, exitCode: 1 }, facts)) as {
      requirements: readonly { id: string }[];
      summary: Record<Standing, number>;
    };
    expect(report.requirements).toHaveLength(VERDICTS.length);
    expect(Object.values(report.summary).reduce((sum, count) => sum + count)).toBe(VERDICTS.length);
  });
});
