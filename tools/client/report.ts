import { styleText } from 'node:util';
import type { FlowReport } from './run-flow.ts';
import type { Step } from './steps.ts';

const TITLE_WIDTH = 22;

/** One step on one line: tick, what was looked at, how long it took. */
export function stepLine({ title, checked, milliseconds, passed }: Step): string {
  const mark = passed ? styleText('green', '✔') : styleText('red', '✖');
  return `  ${mark} ${title.padEnd(TITLE_WIDTH)} ${checked.join(', ')} ${styleText('dim', `${milliseconds} ms`)}`;
}

/** How it ended, on one line. */
export function endLine(report: FlowReport): string {
  switch (report.outcome) {
    case 'passed':
      return `  ${styleText('green', `${report.flow} as ${report.client} at ${report.issuer}: all went well`)}`;
    case 'refused':
      return `  ${styleText('red', 'Refused by us:')} ${report.what} ${styleText('dim', `[${report.clause}] ${report.reason}`)}`;
    case 'refused_by_server':
      return `  ${styleText('red', 'Refused by the server:')} ${report.what}`;
    case 'unusable':
      return `  ${styleText('red', '✖')} ${report.what}\n  ${styleText('bold', '→')} ${report.remedy}`;
  }
}

const EXIT_CODES = { passed: 0, refused: 1, unusable: 2, refused_by_server: 3 } as const;

export const exitCode = ({ outcome }: Pick<FlowReport, 'outcome'>): number => EXIT_CODES[outcome];
