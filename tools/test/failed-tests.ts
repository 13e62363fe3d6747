import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { workspaceRoot } from '../workspace.ts';

const SHOWN_LINES_PER_TEST = 30;

/** The part of Vitest's JSON report that names what failed. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Why the file itself failed: it could not be loaded, or a hook threw. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * Every test that failed in a run of Vitest, each with its file, its title and why: all that is left of a run on a machine nobody
 * can look into afterwards. Empty when there is no report, and when nothing failed in it.
 */
export function failedTestsOf(reportFile: string): readonly string[] {
  return (readReport(reportFile)?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(workspaceRoot, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [told(file, [message])] : [];
    return failed.map(({ fullName, failureMessages }) => told(`${file}: ${fullName}`, failureMessages));
  });
}

function told(title: string, messages: readonly string[]): string {
  const lines = messages.flatMap((message) => stripVTControlCharacters(message).trimEnd().split('\n'));
  return [`✖ ${title}`, ...lines.slice(0, SHOWN_LINES_PER_TEST).map((line) => `    ${line}`)].join('\n');
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
