import { describe, expect, it } from 'vitest';
import type { RunningContender } from './contenders.ts';
import { inTurns, measure } from './measure.ts';
import type { ContenderName, NamedScenario } from './scenario.ts';
import { NotOffered } from './scenario.ts';

const NAMES: readonly ContenderName[] = ['holdfast', 'bare', 'oidc-provider'];
const effort = { rounds: 4, lanes: 2, scale: 1 };

/** Contenders whose clock moves by as much as an operation costs them; `played` holds whose slice came when. */
function field(cost: Readonly<Record<ContenderName, number>>) {
  const played: ContenderName[] = [];
  const used = new Map<ContenderName, number>();
  const contenders = NAMES.map(
    (name) =>
      ({
        name,
        cpuTime: () => used.get(name) ?? 0,
        hangUp: () => void played.push(name),
      }) as unknown as RunningContender,
  );
  const scenario: NamedScenario = {
    name: 'par',
    title: 'pushed request',
    operations: 10,
    warmUp: 30,
    notes: [],
    prepare: ({ name }) =>
      Promise.resolve(() => {
        used.set(name, (used.get(name) ?? 0) + cost[name]);
        return Promise.resolve();
      }),
  };
  return { contenders, scenario, played };
}

describe('a measurement', () => {
  it('counts what one operation costs, without the warm-up', async () => {
    const { contenders, scenario, played } = field({ holdfast: 3, bare: 2, 'oidc-provider': 5 });
    const { costs } = await measure(scenario, contenders, effort, new AbortController().signal);
    expect(Object.fromEntries(costs)).toEqual({
      holdfast: [3, 3, 3, 3],
      bare: [2, 2, 2, 2],
      'oidc-provider': [5, 5, 5, 5],
    });
    // Once to begin with, then a slice of each in every round.
    expect(played).toHaveLength(NAMES.length * (1 + 3 + effort.rounds));
  });

  it('lets them take turns, every other round backwards', () => {
    expect(inTurns(NAMES, 0)).toEqual(['holdfast', 'bare', 'oidc-provider']);
    expect(inTurns(NAMES, 1)).toEqual(['oidc-provider', 'bare', 'holdfast']);
  });

  it('is none when an operation is answered otherwise than expected', async () => {
    const { contenders, scenario } = field({ holdfast: 1, bare: 1, 'oidc-provider': 1 });
    const broken = { ...scenario, prepare: () => Promise.resolve(() => Promise.reject(new Error('500'))) };
    await expect(measure(broken, contenders, effort, new AbortController().signal)).rejects.toThrow('500');
  });

  it('goes on without a contender that does not offer it, and tells why', async () => {
    const { contenders, scenario } = field({ holdfast: 1, bare: 1, 'oidc-provider': 1 });
    const prepare: NamedScenario['prepare'] = (contender, lanes) =>
      contender.name === 'bare' ? Promise.reject(new NotOffered('it has none')) : scenario.prepare(contender, lanes);
    const { costs, absent } = await measure({ ...scenario, prepare }, contenders, effort, new AbortController().signal);
    expect([...costs.keys()]).toEqual(['holdfast', 'oidc-provider']);
    expect([...absent]).toEqual([['bare', 'it has none']]);
  });
});
