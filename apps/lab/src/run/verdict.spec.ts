import { describe, expect, it } from 'vitest';
import type { Attempt, Honest, Outcome, Step, Theft, Unchanged } from './step.ts';
import { judge } from './verdict.ts';

const what = { en: 'something', ja: '何か' };
const theft = (loot: string | undefined): Theft => ({ kind: 'theft', variant: '', what, exchanges: [], loot });
const attempt = (outcome: Outcome): Attempt => ({
  ...{ kind: 'attempt', variant: 'a', what, exchanges: [], expected: [], event: undefined, outcome },
  problem: outcome === 'refused' ? undefined : 'something was wrong',
});
const unchanged = (problem?: string): Unchanged => ({ kind: 'unchanged', what, problem });
const honest = (works: boolean): Honest => ({
  ...{ kind: 'honest', what, works },
  shown: {
    sent: { caller: '', thumbprint: undefined, line: '', headers: [], form: [], interaction: '' },
    answer: { kind: 'http', status: works ? 200 : 503, besides: [] },
  },
});
const played = (...steps: Step[]) => ({ steps, crash: undefined });

const robbed = played(theft('a balance'));
const sound = played(attempt('refused'), unchanged(), honest(true));

describe('a case does not pass', () => {
  it('when the theft succeeds on the real stack, whatever else is in order', () => {
    const verdict = judge(robbed, played(attempt('refused'), attempt('stolen'), unchanged(), honest(true)));
    expect(verdict).toMatchObject({ outcome: 'stolen', passed: false });
  });

  it('when the answer is not the one expected', () => {
    const verdict = judge(robbed, played(attempt('inconclusive'), unchanged(), honest(true)));
    expect(verdict).toMatchObject({ outcome: 'inconclusive', passed: false });
  });

  it('when the control was not stolen, because then the attack may simply not work', () => {
    for (const control of [played(theft(undefined)), played(theft('x'), theft(undefined)), played()])
      expect(judge(control, sound)).toMatchObject({ outcome: 'refused', controlStolen: false, passed: false });
    expect(judge({ steps: [theft('x')], crash: 'no route' }, sound)).toMatchObject({
      controlStolen: false,
      passed: false,
    });
  });

  it('when the honest client is not served, because then "refused" may mean "down"', () => {
    const verdict = judge(robbed, played(attempt('refused'), unchanged(), honest(false)));
    expect(verdict).toMatchObject({ outcome: 'inconclusive', honestWorks: false, passed: false });
    expect(verdict.problems[0]?.en).toContain('positive control');
  });

  it('when the attack left a trace', () => {
    const verdict = judge(robbed, played(attempt('refused'), unchanged('the balance differs'), honest(true)));
    expect(verdict).toMatchObject({ outcome: 'inconclusive', passed: false });
  });

  it('when the audit trail holds a secret', () => {
    expect(judge(robbed, sound, 'bank.jsonl')).toMatchObject({ outcome: 'inconclusive', passed: false });
  });

  it.each([
    ['an attempt', played(unchanged(), honest(true))],
    ['a positive control', played(attempt('refused'), unchanged())],
    ['a look at side effects', played(attempt('refused'), honest(true))],
    ['any step at all', played()],
  ])('without %s', (_missing, real) => {
    expect(judge(robbed, real)).toMatchObject({ outcome: 'inconclusive', passed: false });
  });

  it('when its script broke off', () => {
    const verdict = judge(robbed, { steps: sound.steps, crash: 'fetch failed' });
    expect(verdict).toMatchObject({ outcome: 'inconclusive', passed: false });
  });
});

describe('a case passes', () => {
  it('when it was refused, its control stolen, the honest client served and nothing changed', () => {
    expect(judge(robbed, sound)).toEqual({
      outcome: 'refused',
      controlStolen: true,
      honestWorks: true,
      problems: [],
      passed: true,
    });
  });
});
