import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Measured } from './measure.ts';
import { report, verdictsOf } from './report.ts';
import type { ContenderName, NamedScenario } from './scenario.ts';
import { NotOffered } from './scenario.ts';

const scenario: NamedScenario = {
  name: 'refresh',
  title: 'refresh',
  operations: 1,
  warmUp: 0,
  notes: ['one signature each'],
  prepare: () => Promise.reject(new NotOffered('never played')),
};

function measured(costs: Partial<Record<ContenderName, number[]>>, absent: [ContenderName, string][] = []): Measured {
  return { costs: new Map(Object.entries(costs) as [ContenderName, number[]][]), absent: new Map(absent) };
}

const told = (what: Measured): string[] => report([{ scenario, measured: what }]).map(stripVTControlCharacters);

describe('the report', () => {
  it('has a line for each goal that was missed', () => {
    const lines = told(measured({ holdfast: [1], bare: [0.5], 'oidc-provider': [1] }));
    expect(lines).toContain('missed: refresh takes 2.00 of bare; the goal is 1.50 at most');
    expect(lines).toContain('missed: refresh takes 1.00 of oidc-provider; the goal is 0.55 at most');
  });

  it('shows a skipped scenario as skipped, with the reason, and in no row', () => {
    const lines = told(measured({}, [['holdfast', 'its metadata does not list the grant']]));
    expect(lines).toContain('refresh: skipped, for its metadata does not list the grant');
    expect(lines.some((line) => line.startsWith('refresh  '))).toBe(false);
  });

  it('judges nothing against a contender that did not take part, and says that it did not', () => {
    const what = measured({ holdfast: [1], bare: [1] }, [['oidc-provider', 'it refuses']]);
    expect(verdictsOf(what).map(({ against }) => against)).toEqual(['bare']);
    expect(told(what)).toContain('refresh: without oidc-provider, for it refuses');
  });

  it('shows median and least of each contender, the verdicts, and what to know when reading', () => {
    const lines = told(measured({ holdfast: [1.1, 1, 1.2], bare: [1, 1, 1], 'oidc-provider': [4, 4, 4] }));
    const row = lines.find((line) => line.startsWith('refresh  ')) ?? '';
    expect(row.split(/ {2,}/)).toEqual([
      'refresh',
      '1.100 (1.000)',
      '1.000 (1.000)',
      '4.000 (4.000)',
      '1.10 (1.10–1.20) ✔',
      '0.28 (0.28–0.30) ✔',
    ]);
    expect(lines.some((line) => line.startsWith('missed'))).toBe(false);
    expect(lines).toContain('refresh: one signature each');
  });
});
