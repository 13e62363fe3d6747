import type { AttackResult, RunResult } from '../run/run-attacks.ts';
import type { Step } from '../run/step.ts';
import { tally } from './tally.ts';

/** The whole run as one document for machines. Holds no secret: steps are made of shown values only. */
export function jsonReport(
  run: RunResult,
  facts: { readonly issuer: string; readonly startedAt: Date; readonly away: string | undefined },
): string {
  const document = {
    report: 'holdfast attack lab',
    startedAt: facts.startedAt.toISOString(),
    issuer: facts.issuer,
    away: facts.away,
    summary: tally(run.results),
    exitCode: run.exitCode,
    attacks: run.results.map(reportOf),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function reportOf({ attack, control, real, verdict, milliseconds }: AttackResult) {
  const { id, slug, title, story, attacker, holds, clauses } = attack;
  return {
    ...{ id, slug, title, story, attacker, holds, clauses, milliseconds },
    verdict,
    control: { name: attack.control, crash: control.crash, steps: control.steps.map(plainStep) },
    real: { crash: real.crash, steps: real.steps.map(plainStep) },
  };
}

/** The audit line itself stays out: it is the platform's document, and its useful fields are listed. */
function plainStep(step: Step): object {
  if (step.kind !== 'attempt' || step.event === undefined) return step;
  const { line: _line, ...event } = step.event;
  return { ...step, event };
}
