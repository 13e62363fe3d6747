import type { LineVerdict, VerdictRun } from '../verdict/run-verdict.ts';
import { countStandings } from '../verdict/run-verdict.ts';

/** The whole verdict as one document for machines. Holds no secret: what was seen is told in words. */
export function verdictReport(
  run: VerdictRun,
  facts: { readonly issuer: string; readonly startedAt: Date; readonly away: string | undefined },
): string {
  const document = {
    report: 'holdfast verdict',
    startedAt: facts.startedAt.toISOString(),
    issuer: facts.issuer,
    away: facts.away,
    summary: countStandings(run.verdicts),
    exitCode: run.exitCode,
    requirements: run.verdicts.map(reportOf),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function reportOf({ requirement, standing, expected, observed, milliseconds }: LineVerdict) {
  const { id, text, clauses, by, how, code, tests } = requirement;
  return {
    id,
    text,
    clauses: clauses.map(({ clause }) => clause),
    by,
    how,
    standing,
    expected,
    observed,
    milliseconds,
    code,
    tests,
  };
}
