import { afterAll, beforeAll, expect, it } from 'vitest';
import { startField } from './contenders.ts';
import type { Field } from './contenders.ts';
import { measure } from './measure.ts';
import { loadScenarios } from './scenario.ts';

// The whole of the benchmark on the contender that starts in a second: what is asked, answered, checked and counted.
let field: Field;
beforeAll(async () => {
  field = await startField({ names: ['bare'], lanes: 2 });
});
afterAll(() => field.stop());

const effort = { rounds: 2, lanes: 2, scale: 0.01, warmUp: 0 };
const never = new AbortController().signal;

it('the bare app plays every scenario, and each costs it CPU time', async () => {
  for (const scenario of await loadScenarios()) {
    const { costs, absent } = await measure(scenario, field.contenders.values(), effort, never);
    expect([...absent]).toEqual([]);
    expect(costs.get('bare')).toHaveLength(2);
    for (const cost of costs.get('bare') ?? []) expect(cost).toBeGreaterThan(0);
  }
}, 180_000);

it('a run ends with the first answer that is not the expected one, and when it is told to', async () => {
  const [scenario] = await loadScenarios();
  if (scenario === undefined) throw new Error('no scenario');
  const broken = { ...scenario, prepare: () => Promise.resolve(() => Promise.reject(new Error('503'))) };
  await expect(measure(broken, field.contenders.values(), effort, never)).rejects.toThrow('503');
  const told = AbortSignal.abort(new Error('told to'));
  await expect(measure(scenario, field.contenders.values(), effort, told)).rejects.toThrow('told to');
});
