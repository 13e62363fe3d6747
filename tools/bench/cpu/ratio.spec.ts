import { describe, expect, it } from 'vitest';
import { judge, median, ratio, spread, summarize } from './ratio.ts';

describe('a goal', () => {
  const goal = { against: 'bare', atMost: 1.5 };

  it('is missed by a hair, and by a ratio that is no number', () => {
    expect(judge(goal, [1.51], [1])).toEqual({ ...goal, ratio: 1.51, spread: { low: 1.51, high: 1.51 }, met: false });
    expect(judge(goal, [1], []).met).toBe(false);
    expect(judge(goal, [], []).met).toBe(false);
    expect(judge(goal, [0], [0]).met).toBe(false);
  });

  it('is met up to its number and including it', () => {
    expect(judge(goal, [1.5], [1])).toMatchObject({ ...goal, ratio: 1.5, met: true });
    expect(judge(goal, [1], [2])).toMatchObject({ ratio: 0.5, met: true });
  });
});

describe('a ratio', () => {
  it('compares what was taken in the same round, so that a slow minute of the machine does not count', () => {
    expect(ratio([10, 100, 12], [10, 100, 10])).toBe(1);
  });

  it('is the middle of the rounds and not their mean', () => {
    expect(ratio([1, 2, 90], [1, 1, 1])).toBe(2);
  });
});

describe('the spread of a ratio', () => {
  it('is where the middle half of the rounds lies, round by round', () => {
    expect(spread([5, 10, 3, 8, 90], [1, 10, 1, 2, 1])).toEqual({ low: 3, high: 5 });
  });

  it('is no number when nothing was measured', () => {
    expect(spread([], [])).toEqual({ low: Number.NaN, high: Number.NaN });
  });
});

describe('costs', () => {
  it('are summed up by the least and the middle', () => {
    expect(summarize([3, 1, 2])).toEqual({ min: 1, median: 2 });
    expect(summarize([4, 1, 2, 3])).toEqual({ min: 1, median: 2.5 });
    expect(median([])).toBeNaN();
  });
});
