import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countsOf } from './counts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-counts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(fields: object): string {
  const file = join(folder, 'vitest.json');
  const nothing = { success: true, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  writeFileSync(file, JSON.stringify({ ...nothing, ...fields }));
  return file;
}

describe('counting a run of tests', () => {
  it('counts a missing report as a failure', () => {
    expect(countsOf(join(folder, 'none.json'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts a torn report as a failure', () => {
    const file = join(folder, 'torn.json');
    writeFileSync(file, '{"success":tr');
    expect(countsOf(file).failed).toBe(1);
  });

  it('counts a run without tests as a failure', () => {
    expect(countsOf(report({})).failed).toBe(1);
  });

  it('counts a run in which everything was skipped as a failure', () => {
    expect(countsOf(report({ numPendingTests: 3 }))).toEqual({ passed: 0, failed: 1, skipped: 3 });
  });

  it('counts a run that failed outside its tests as a failure', () => {
    expect(countsOf(report({ success: false, numPassedTests: 5 }))).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it('counts what passed and what failed', () => {
    const file = report({ success: false, numPassedTests: 5, numFailedTests: 2, numTodoTests: 1 });
    expect(countsOf(file)).toEqual({ passed: 5, failed: 2, skipped: 1 });
  });
});
