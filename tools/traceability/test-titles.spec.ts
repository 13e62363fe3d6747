import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { testsIn } from './test-titles.ts';

const testsOf = (text: string) => testsIn(ts.createSourceFile('x.spec.ts', text, ts.ScriptTarget.Latest, true));
const titles = (text: string) => testsOf(text).map(({ title }) => title);

describe('the tests of a file', () => {
  it('leave out what does not run', () => {
    const text = `
      it.skip('a', () => {}); it.todo('b'); describe.skip('c', () => { it('d', () => {}); });
      test.skip.each([1])('e %s', () => {}); // it('f', () => {});
      const text = "it('g', () => {})"; edit('h', () => {}); it.each(['i']);
    `;
    expect(titles(text)).toEqual([]);
  });

  it('carry the titles of the groups around them', () => {
    const text = `
      describe('the door', () => {
        describe.each(stores)('on $name', ({ open }) => { it('is shut [PAR-01]', () => {}); });
        describe.each(stores)('$name', () => { it.only(\`holds \${what} back\`, async () => {}); });
      });
      export function contract(open) { test('is kept', () => {}); it.runIf(open)('is open' + ' too', () => {}); }
    `;
    expect(titles(text)).toEqual([
      'the door › on … › is shut [PAR-01]',
      'the door › holds … back',
      'is kept',
      'is open too',
    ]);
  });

  it('know the rows of a table that is written in the file', () => {
    const text = `
      const faults: readonly Fault[] = [['without iss [CLI-11]', 'reason', 1], [\`of \${another}\`, 'x', 2]] as const;
      it.each(faults)('is refused %s', () => {});
      it.each([{ name: 'first [RS-01]' }, { name: second }])('takes $name of $all', () => {});
      it.each(['a', 7, other])('refuses %s', () => {});
      it.each(Object.entries(document))('%s is odd', () => {});
    `;
    expect(testsOf(text)).toEqual([
      { title: 'is refused …', rows: ['is refused without iss [CLI-11]', 'is refused of …'] },
      { title: 'takes … of …', rows: ['takes first [RS-01] of …', 'takes … of …'] },
      { title: 'refuses …', rows: ['refuses a', 'refuses 7', 'refuses …'] },
      { title: '… is odd', rows: [] },
    ]);
  });
});
