import type { ControlGroup } from '../control-group/control-group.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from './attack.ts';
import { controlStage } from './control-stage.ts';
import { realStage } from './real-stage.ts';
import type { Half, Step } from './step.ts';
import type { Played, Verdict } from './verdict.ts';
import { judge } from './verdict.ts';

/** The real stack, or one sentence about why there is none to attack. */
export type RealTarget = { readonly stack: RealStack } | { readonly away: string };

export interface Targets {
  readonly control: ControlGroup;
  readonly real: RealTarget;
}

export interface AttackResult {
  readonly attack: Attack;
  readonly control: Played;
  readonly real: Played;
  readonly verdict: Verdict;
  readonly milliseconds: number;
}

/** Somebody who watches a run. */
export interface Audience {
  begins?(attack: Attack): void;
  sees?(attack: Attack, half: Half, step: Step): void;
  ends?(result: AttackResult): void;
}

export interface RunResult {
  readonly results: readonly AttackResult[];
  /** 0 only when every case passed. */
  readonly exitCode: 0 | 1;
}

/**
 * Plays the attacks one after the other: on a stage one looks at one thing at a time, and audit events stay apart.
 *
 * @param abort ends the run before its next attack; a run that was cut short has not passed
 */
export async function runAttacks(
  attacks: readonly Attack[],
  targets: Targets,
  audience: Audience = {},
  abort?: AbortSignal,
): Promise<RunResult> {
  const results: AttackResult[] = [];
  for (const attack of attacks) {
    if (abort?.aborted === true) break;
    audience.begins?.(attack);
    const result = await runAttack(attack, targets, audience);
    results.push(result);
    audience.ends?.(result);
  }
  const complete = results.length === attacks.length && results.length > 0;
  return { results, exitCode: complete && results.every(({ verdict }) => verdict.passed) ? 0 : 1 };
}

async function runAttack(attack: Attack, targets: Targets, audience: Audience): Promise<AttackResult> {
  const started = performance.now();
  const control = await play(
    (tell) => attack.onControl(controlStage(targets.control, tell)),
    (step) => audience.sees?.(attack, 'control', step),
  );
  const real = await playReal(attack, targets.real, (step) => audience.sees?.(attack, 'real', step));
  return {
    attack,
    control,
    real: real.played,
    verdict: judge(control, real.played, real.leak),
    milliseconds: Math.round(performance.now() - started),
  };
}

async function playReal(
  attack: Attack,
  target: RealTarget,
  watch: (step: Step) => void,
): Promise<{ played: Played; leak?: string }> {
  if ('away' in target) return { played: { steps: [], crash: 'the real stack is not there' } };
  const { stack } = target;
  const before = await stack.audit.mark();
  const played = await play((tell) => attack.onReal(realStage(stack, tell)), watch);
  await stack.tidyUp();
  const leak = await stack.audit.leakSince(before, stack.secrets);
  return leak === undefined ? { played } : { played, leak };
}

/** Plays one half and keeps its steps; a script that throws has proved nothing, and says so instead of ending the run. */
async function play(
  script: (tell: (step: Step) => void) => Promise<void>,
  watch: (step: Step) => void,
): Promise<Played> {
  const steps: Step[] = [];
  try {
    await script((step) => {
      steps.push(step);
      watch(step);
    });
    return { steps, crash: undefined };
  } catch (error) {
    return { steps, crash: error instanceof Error ? error.message : String(error) };
  }
}
