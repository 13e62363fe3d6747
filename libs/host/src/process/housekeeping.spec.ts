import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contextForTest } from '../testing/door.ts';
import { housekeeping } from './housekeeping.ts';

describe('housekeeping', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tries a chore that failed again, and lets it keep no other from running', async () => {
    const { ctx, log } = contextForTest();
    const failing = vi.fn(() => Promise.reject(new Error('the bank is away')));
    const other = vi.fn(() => Promise.resolve());
    const chores = housekeeping(ctx, { failing, other });
    await vi.advanceTimersByTimeAsync(10_000);
    expect([failing.mock.calls.length, other.mock.calls.length]).toEqual([2, 2]);
    expect(log.join('')).toContain('a chore failed and will be tried again');
    await chores.stop();
    ctx.release();
  });

  it('begins no round before the last has ended, and none after it was stopped', async () => {
    const { ctx } = contextForTest();
    let finish = (): void => undefined;
    const slow = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const chores = housekeeping(ctx, { slow });
    await vi.advanceTimersByTimeAsync(14_000);
    expect(slow).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(slow).toHaveBeenCalledTimes(2);
    finish();
    await chores.stop();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(slow).toHaveBeenCalledTimes(2);
    ctx.release();
  });
});
