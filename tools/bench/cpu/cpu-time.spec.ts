import { describe, expect, it } from 'vitest';
import { cpuTimeOf, parsePsTime } from './cpu-time.ts';

describe('the CPU time of a process', () => {
  it('is refused when ps says nothing of it', () => {
    expect(() => parsePsTime('')).toThrow('no CPU time');
    expect(() => parsePsTime('TIME')).toThrow('no CPU time');
  });

  it.each([
    ['00:00:01', 1_000],
    ['1-02:03:04', 93_784_000],
    ['  0:01.25\n', 1_250],
    ['61:00.00', 3_660_000],
  ])('is read from what ps writes, %j', (text, milliseconds) => {
    expect(parsePsTime(text)).toBe(milliseconds);
  });

  it('grows with work and hardly with waiting', async () => {
    const start = cpuTimeOf(process.pid);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const waited = cpuTimeOf(process.pid) - start;
    const before = process.cpuUsage();
    while (process.cpuUsage(before).user < 200_000);
    const worked = cpuTimeOf(process.pid) - start - waited;
    // `ps` tells hundredths of a second.
    expect(worked).toBeGreaterThan(180);
    expect(waited).toBeLessThan(worked);
  });
});
