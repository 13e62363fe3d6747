import type { Half, Outcome, Step } from './step.ts';
import type { Text } from './text.ts';

/** What happened in one half of a case: its steps, and what stopped it early, if anything did. */
export interface Played {
  readonly steps: readonly Step[];
  readonly crash: string | undefined;
}

export interface Verdict {
  /** What became of the attack on the real stack. */
  readonly outcome: Outcome;
  /** The same attack worked on the control group, so that its failure elsewhere means something. */
  readonly controlStolen: boolean;
  /** The honest client was served in the same run, so that "refused" does not mean "down". */
  readonly honestWorks: boolean;
  readonly problems: readonly Text[];
  /** Refused, on a control that got stolen, with everything else in order. Anything less fails the run. */
  readonly passed: boolean;
}

/**
 * Judges one case. Missing evidence counts against it: a case without attempt, without positive control or without a
 * check for side effects is inconclusive, however green its other steps are.
 *
 * @param leak what was found in the audit trail that must not be there
 */
export function judge(control: Played, real: Played, leak?: string): Verdict {
  const problems = [...controlProblems(control), ...realProblems(real, leak)];
  const attempts = real.steps.filter((step) => step.kind === 'attempt');
  const honest = real.steps.filter((step) => step.kind === 'honest');
  const stolen = attempts.some((attempt) => attempt.outcome === 'stolen');
  const outcome = stolen ? 'stolen' : realProblems(real, leak).length > 0 ? 'inconclusive' : 'refused';
  return {
    outcome,
    controlStolen: controlProblems(control).length === 0,
    honestWorks: honest.length > 0 && honest.every((step) => step.works),
    problems,
    passed: problems.length === 0,
  };
}

function controlProblems({ steps, crash }: Played): Text[] {
  const thefts = steps.filter((step) => step.kind === 'theft');
  const failed = thefts.filter((theft) => theft.loot === undefined);
  const problems = failed.map((theft) => broken(`${nameOf('control', theft)}: nothing was stolen`));
  if (crash !== undefined) problems.push(broken(crash));
  else if (thefts.length === 0) problems.push(broken('nothing was tried'));
  return problems;
}

function realProblems({ steps, crash }: Played, leak: string | undefined): Text[] {
  const problems: Text[] = [];
  for (const step of steps) {
    if (step.kind === 'attempt' && step.problem !== undefined)
      problems.push(plain(`${nameOf('real', step)}: ${step.problem}`, `${nameOf('real', step)}：${step.problem}`));
    if (step.kind === 'unchanged' && step.problem !== undefined)
      problems.push(plain(`side effect: ${step.what.en}: ${step.problem}`, `副作用：${step.what.ja}：${step.problem}`));
    if (step.kind === 'honest' && !step.works)
      problems.push(plain(`positive control failed: ${step.what.en}`, `正規の呼び出しが失敗：${step.what.ja}`));
  }
  if (leak !== undefined)
    problems.push(plain(`the audit trail holds a secret: ${leak}`, `監査記録に秘密情報：${leak}`));
  if (crash !== undefined) problems.push(plain(`could not be played: ${crash}`, `実行できず：${crash}`));
  else problems.push(...missing(steps));
  return problems;
}

function missing(steps: readonly Step[]): Text[] {
  const kinds = new Set(steps.map(({ kind }) => kind));
  const problems: Text[] = [];
  if (!kinds.has('attempt')) problems.push(plain('nothing was attempted', '攻撃が試されていない'));
  if (!kinds.has('unchanged')) problems.push(plain('side effects were not looked for', '副作用が確認されていない'));
  if (!kinds.has('honest')) problems.push(plain('there is no positive control', '正規の呼び出しによる対照がない'));
  return problems;
}

function nameOf(half: Half, step: { readonly variant: string }): string {
  return step.variant === '' ? half : `${half} (${step.variant})`;
}

function broken(why: string): Text {
  return plain(`the control is broken: ${why}`, `対照群が壊れている：${why}`);
}

function plain(en: string, ja: string): Text {
  return { en, ja };
}
