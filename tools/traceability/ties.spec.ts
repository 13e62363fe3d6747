import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { documentOf } from './document.ts';
import { findingsOf } from './findings.ts';
import { labListOf } from './lab-list.ts';
import type { Requirements } from './requirements.ts';
import { tie } from './ties.ts';
import type { Source } from './workspace-sources.ts';

const list = (pending: string[] = []): Requirements => ({
  sections: [
    {
      prefix: 'PAR',
      title: 'Pushed requests',
      lines: [
        { id: 'PAR-01', text: 'Success is 201.', clauses: ['RFC9126-2.2'], by: ['authorization-server'], how: 'live' },
        { id: 'PAR-02', text: 'A handle is a secret.', clauses: ['RFC9126-2.2'], by: ['bank'], how: 'inside' },
        { id: 'PAR-03', text: 'Ours | alone.', clauses: [], by: ['fintech'], how: 'peer' },
      ],
    },
  ],
  pending,
});

const source = (path: string, text: string): Source => ({
  path,
  parsed: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
});

function tied(code: string, tests: string, pending: string[] = [], table = '') {
  const sources = {
    code: [source('libs/x/src/a.ts', code)],
    tests: [source('libs/x/src/a.spec.ts', tests)],
    tables: [source('libs/x/src/testing/faults/a.ts', table)],
    engine: [],
  };
  return tie(list(pending), sources);
}

const CODE = `
  // RFC9126-2.2 [PAR-01] [PAR-02]: both.
  const a = 1; /* Our choice [PAR-03]. */`;
const TESTS = `it('is 201 [RFC9126-2.2] [PAR-01] [PAR-02]', () => {}); it('is ours [PAR-03]', () => {});`;

describe('the list fails', () => {
  it('when a line has a test and no code, code and no test, or neither', () => {
    const code = '// RFC9126-2.2 [PAR-01]';
    const tests = `it('is secret [RFC9126-2.2] [PAR-02]', () => {});`;
    expect(findingsOf(tied(code, tests))).toEqual([
      'not proven: PAR-01 has no test (Success is 201.)',
      'not proven: PAR-02 has no code (A handle is a secret.)',
      'not proven: PAR-03 has neither code nor test (Ours | alone.)',
    ]);
  });

  it('when code or test name the clause and not the line: a clause can hold several', () => {
    const tests = `it('is 201 [RFC9126-2.2]', () => {});`;
    expect(findingsOf(tied('// RFC9126-2.2: so.', tests, ['PAR-02', 'PAR-03']))).toEqual([
      'not proven: PAR-01 has neither code nor test (Success is 201.)',
    ]);
  });

  it('when the id stands in code and not in a comment, or in a test that is skipped', () => {
    const code = `const a = '// RFC9126-2.2 [PAR-01]';`;
    const tests = `it.skip('is 201 [RFC9126-2.2] [PAR-01]', () => {});`;
    expect(findingsOf(tied(code, tests, ['PAR-02', 'PAR-03']))).toHaveLength(1);
  });

  it('when a pending line is proven', () => {
    expect(findingsOf(tied(CODE, TESTS, ['PAR-02']))).toEqual([
      'proven: PAR-02 has code and tests, so take it out of pending',
    ]);
  });

  it('when a title or a comment names what nobody knows', () => {
    const tests = `${TESTS} it('x [PAR-09] [RFC9126-2.2]', () => {}); it('y [RFC9127-1] [FAPI2-SP-FINAL-5.3.2.1-15]', () => {});
      it.each([['row [PAR-8]']])('%s', () => {});`;
    expect(findingsOf(tied(`${CODE} // RFC1-2 [PAR-77]`, tests))).toEqual([
      'unknown: libs/x/src/a.ts: [RFC1-2] in a comment',
      'unknown: libs/x/src/a.ts: [PAR-77] in a comment',
      'unknown: libs/x/src/a.spec.ts: [PAR-09] in a title',
      'unknown: libs/x/src/a.spec.ts: [RFC9127-1] in a title',
      'unknown: libs/x/src/a.spec.ts: [FAPI2-SP-FINAL-5.3.2.1-15] in a title',
      'unknown: libs/x/src/a.spec.ts: [PAR-8] in a title',
    ]);
  });

  it('when a line is named without any of its clauses', () => {
    const tests = `${TESTS} it('z [PAR-01]', () => {});`;
    expect(findingsOf(tied(CODE, tests))).toEqual([
      'no clause: libs/x/src/a.spec.ts: [PAR-01] stands without RFC9126-2.2',
    ]);
  });
});

describe('a line that has code and tests', () => {
  it('passes, with each file and each test it was found in', () => {
    const found = tied(CODE, TESTS);
    expect(findingsOf(found)).toEqual([]);
    expect(found.lines.get('PAR-02')).toMatchObject({
      code: ['libs/x/src/a.ts'],
      tests: [{ file: 'libs/x/src/a.spec.ts', title: 'is 201' }],
    });
  });

  it('is proven by the rows of a table that name it, under the clause of the title', () => {
    const tests = `describe('refuses [RFC9126-2.2]', () => {
      it.each([['a [PAR-01]'], ['b'], ['c [PAR-02]']])('%s', () => {}); }); it('is ours [PAR-03]', () => {});`;
    const found = tied(CODE, tests);
    expect(findingsOf(found)).toEqual([]);
    expect(found.lines.get('PAR-02')?.tests).toEqual([{ file: 'libs/x/src/a.spec.ts', title: 'refuses › c' }]);
  });

  it('is shown with links, and a line that is not proven as not yet', () => {
    const measures = { files: 1, lines: 100, functionLinesP90: 18, clausesPerThousandLines: 59.4 };
    const page = documentOf(list(['PAR-03']), tied('// RFC9126-2.2 [PAR-01] [PAR-02]', TESTS, ['PAR-03']), measures);
    expect(page).toContain('[RFC9126-2.2](https://www.rfc-editor.org/rfc/rfc9126.html#section-2.2)');
    expect(page).toContain('[a.spec.ts](../libs/x/src/a.spec.ts) is 201');
    expect(page).toMatch(/Ours \\\| alone\..*our choice \| – \| \*\*not yet\*\*<br>\[a\.spec\.ts\]/);
    expect(page).toContain('at least 50 times per thousand');
  });

  it('may have its test in a table beside the spec that runs it', () => {
    const table = `export const faults = [fault('a handle that is short [RFC9126-2.2] [PAR-02]'), { title: 'other' }];`;
    const { lines } = tied(CODE, '', [], table);
    expect(lines.get('PAR-02')?.tests).toEqual([
      { file: 'libs/x/src/testing/faults/a.ts', title: 'a handle that is short' },
    ]);
    expect(tied(CODE, '', [], `fault('odd [PAR-99]')`).unknown).toEqual([
      'libs/x/src/testing/faults/a.ts: [PAR-99] in a title',
    ]);
  });

  it('is told to the lab with its clauses, its code and its tests', () => {
    const { sections } = JSON.parse(labListOf(list(), tied(CODE, TESTS)));
    expect(sections[0].lines[0]).toEqual({
      id: 'PAR-01',
      text: 'Success is 201.',
      clauses: [{ clause: 'RFC9126-2.2', url: 'https://www.rfc-editor.org/rfc/rfc9126.html#section-2.2' }],
      by: ['authorization-server'],
      how: 'live',
      proven: true,
      code: ['libs/x/src/a.ts'],
      tests: [{ file: 'libs/x/src/a.spec.ts', title: 'is 201' }],
    });
  });
});
