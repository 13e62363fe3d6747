import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.ts';
import { failedTestsOf } from './failed-tests.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-failed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(...testResults: readonly object[]): string {
  const file = join(folder, 'vitest.json');
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

const passed = { fullName: 'a door opens', status: 'passed', failureMessages: [] };
const failed = {
  fullName: 'a door stays shut',
  status: 'failed',
  failureMessages: ['\u001b[31mit opened\u001b[39m\nat a:1'],
};

describe('naming what failed in a run of tests', () => {
  it('gives the file, the title and the reason, and leaves out what passed', () => {
    const name = join(workspaceRoot, 'apps/e2e/src/doors.spec.ts');
    const file = report({ name, status: 'failed', message: '', assertionResults: [passed, failed] });
    expect(failedTestsOf(file)).toEqual(['✖ apps/e2e/src/doors.spec.ts: a door stays shut\n    it opened\n    at a:1']);
  });

  it('names a file that failed before its tests', () => {
    const name = join(workspaceRoot, 'tools/torn.spec.ts');
    const file = report({ name, status: 'failed', message: 'no such module', assertionResults: [passed] });
    expect(failedTestsOf(file)).toEqual(['✖ tools/torn.spec.ts\n    no such module']);
  });

  it('keeps a long reason to its beginning', () => {
    const long = { ...failed, failureMessages: [Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n')] };
    const file = report({
      name: join(workspaceRoot, 'a.spec.ts'),
      status: 'failed',
      message: '',
      assertionResults: [long],
    });
    expect(failedTestsOf(file)[0]?.split('\n')).toHaveLength(31);
  });

  it('has nothing to say without a failure, and without a report', () => {
    const file = report({ name: 'a.spec.ts', status: 'passed', message: '', assertionResults: [passed] });
    expect(failedTestsOf(file)).toEqual([]);
    expect(failedTestsOf(join(folder, 'none.json'))).toEqual([]);
  });
});
