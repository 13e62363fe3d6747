import { describe, expect, it } from 'vitest';
import type { Probe } from './probe.ts';
import { all, probe, seen } from './probe.ts';
import type { Requirement, RequirementSection } from './requirement-list.ts';
import type { VerdictRun } from './run-verdict.ts';
import { countStandings, runVerdict } from './run-verdict.ts';
import type { VerdictWorld } from './verdict-world.ts';

const line = (id: string, changes: Partial<Requirement> = {}): Requirement => ({
  id,
  text: `the rule ${id}`,
  clauses: [],
  by: ['bank'],
  how: 'live',
  proven: true,
  code: [],
  tests: [],
  ...changes,
});

// The runner hands the world on and looks at nothing in it.
const WORLD = {} as VerdictWorld;
const HELD = probe('A-01', 'a refusal', () => Promise.resolve(seen(true, '400')));

function run(lines: readonly Requirement[], probes: readonly Probe[], world: VerdictWorld | { away: string } = WORLD) {
  const sections: RequirementSection[] = [{ prefix: 'A', title: 'A', lines: [...lines] }];
  return runVerdict({ sections, probes: new Map(probes.map((each) => [each.line, each])), world });
}

const standingsOf = ({ verdicts }: VerdictRun) => verdicts.map(({ standing }) => standing);

describe('a verdict is not clean', () => {
  it.each<[string, Requirement, readonly Probe[]]>([
    ['when a line does not hold', line('A-01'), [probe('A-01', 'x', () => Promise.resolve(seen(false, '200')))]],
    ['when a question could not be asked', line('A-01'), [probe('A-01', 'x', () => Promise.reject(new Error('gone')))]],
    ['when nobody asks for a line', line('A-01'), []],
    ['when a line is not proven yet', line('A-01', { proven: false }), [HELD]],
  ])('%s', async (_, requirement, probes) => {
    const { exitCode } = await run([requirement, line('A-02', { how: 'clock' })], probes);
    expect(exitCode).toBe(1);
  });

  it('when the platform is away', async () => {
    const verdict = await run([line('A-01')], [HELD], { away: 'not started' });
    expect(verdict).toMatchObject({ exitCode: 1, verdicts: [{ standing: 'unclear', observed: 'not started' }] });
  });

  it('when it was ended early, or had nothing to ask', async () => {
    const sections: RequirementSection[] = [{ prefix: 'A', title: 'A', lines: [line('A-01')] }];
    const probes = new Map([[HELD.line, HELD]]);
    expect((await runVerdict({ sections, probes, world: WORLD }, {}, AbortSignal.abort())).exitCode).toBe(1);
    expect((await runVerdict({ sections: [], probes, world: WORLD })).exitCode).toBe(1);
  });
});

describe('a verdict', () => {
  it('is clean when every line was seen to hold or is proven by tests', async () => {
    const verdict = await run([line('A-01'), line('A-02', { how: 'peer' })], [HELD]);
    expect(verdict.exitCode).toBe(0);
    expect(standingsOf(verdict)).toEqual(['passed', 'tested']);
  });

  it('tells what was expected and seen, and why a question could not be asked', async () => {
    const crash = probe('A-02', 'a page', () => Promise.reject(new Error('there is no button')));
    const { verdicts } = await run([line('A-01'), line('A-02')], [HELD, crash]);
    expect(verdicts).toMatchObject([
      { standing: 'passed', expected: 'a refusal', observed: '400' },
      { standing: 'unclear', expected: 'a page', observed: 'there is no button' },
    ]);
    expect(countStandings(verdicts)).toEqual({ passed: 1, failed: 0, unclear: 1, tested: 0, open: 0 });
  });
});

describe('several sights', () => {
  it('do not hold when one of them does not, or when there are none', () => {
    expect(all(seen(true, '400'), seen(false, '200'))).toEqual({ held: false, observed: '200' });
    expect(all()).toEqual({ held: false, observed: '' });
  });

  it('hold together, and are told once each', () => {
    expect(all(seen(true, '400'), seen(true, '400'), seen(true, '200'))).toEqual({ held: true, observed: '400, 200' });
  });
});
