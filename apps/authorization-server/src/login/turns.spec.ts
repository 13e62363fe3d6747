import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** Work that lasts until it is told to end. */
function work() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const begun: string[] = [];
  return {
    begun,
    end: () => resolve(undefined),
    named: (name: string) => async () => {
      begun.push(name);
      await promise;
      return { name };
    },
  };
}

describe('turns', () => {
  it('turn away whom neither a place nor the queue has room for, without doing anything', async () => {
    const turns = new Turns(1, 1);
    const { begun, end, named } = work();
    const [running, waiting] = [turns.take(named('a')), turns.take(named('b'))];
    expect(await turns.take(named('c'))).toBeUndefined();
    expect(begun).toEqual(['a']);
    end();
    expect([await running, await waiting]).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it('are taken by so many at a time and no more', async () => {
    const turns = new Turns(2, 50);
    let [now, most] = [0, 0];
    const one = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
      return {};
    };
    const done = await Promise.all(Array.from({ length: 50 }, () => turns.take(one)));
    expect(done.filter((each) => each !== undefined)).toHaveLength(50);
    expect(most).toBe(2);
  });

  it('come in the order of asking', async () => {
    const turns = new Turns(1, 9);
    const { begun, end, named } = work();
    const all = ['a', 'b', 'c'].map((name) => turns.take(named(name)));
    end();
    await Promise.all(all);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('go on after work that failed', async () => {
    const turns = new Turns(1, 1);
    const failing = turns.take(() => Promise.reject(new Error('broken')));
    const next = turns.take(() => Promise.resolve({ done: true }));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toEqual({ done: true });
    expect(await turns.take(() => Promise.resolve({ done: true }))).toEqual({ done: true });
  });
});
