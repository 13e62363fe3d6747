import { readFileSync } from 'node:fs';

/** How many tests passed, failed, or were left out. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const none: Counts = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** A step without tests of its own counts as one. */
export function oneTest(passed: boolean): Counts {
  return passed ? { ...none, passed: 1 } : { ...none, failed: 1 };
}

/** The part of Vitest's JSON report that is counted. */
interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

/**
 * The counts of one run of Vitest. No report, no test, or a run that failed without a failed test (a file that could not be
 * loaded, an error after the last test) counts as one failure: nothing passes by not running.
 */
export function countsOf(reportFile: string): Counts {
  const report = readReport(reportFile);
  if (!report) return oneTest(false);
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests;
  const broken = failed === 0 && (!report.success || passed === 0);
  return { passed, failed: broken ? 1 : failed, skipped };
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
