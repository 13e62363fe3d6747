import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.ts';
import { replayCommand, tellFailure } from './failure.ts';
import type { PropertyResult } from './round.ts';
import { runRound } from './round.ts';

// Planted where nobody else looks for specs, and where vitest and fast-check are found.
const PLANTED = `
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('numbers', () => {
  it("are small, says 'somebody'", () => {
    fc.assert(fc.property(fc.nat(), (number) => { expect(number).toBeLessThan(1_000); }));
  });
  it('are numbers', () => {
    fc.assert(fc.property(fc.nat(), (number) => { expect(typeof number).toBe('number'); }));
  });
  it('take no time', () => {
    fc.assert(fc.property(fc.nat(), (number) => {
      const before = process.cpuUsage();
      while (number > 5_000 && process.cpuUsage(before).user < 1_200_000);
    }));
  });
});
`;
const TIMEOUT = 60_000;

let folder: string;
beforeEach(() => {
  const results = join(workspaceRoot, 'tools/test-results');
  mkdirSync(results, { recursive: true });
  folder = mkdtempSync(join(results, 'planted-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function plant(text: string): readonly string[] {
  const file = join(folder, 'planted.property.spec.ts');
  writeFileSync(file, text);
  return [relative(workspaceRoot, file)];
}

const titled = (results: readonly PropertyResult[], title: string) => results.find((result) => result.title === title);

describe('a round', { timeout: TIMEOUT }, () => {
  it('finds the smallest case that a property does not hold for, tells how to try it again, and that works', async () => {
    const include = plant(PLANTED);
    const title = "numbers > are small, says 'somebody'";
    const failed = titled(await runRound({ seed: 7, cases: 100, include }, { title: 'small' }), title)!;
    expect(failed).toMatchObject({ file: include[0], seed: 7, path: expect.stringMatching(/^\d+(:\d+)*$/) });
    expect(failed.failure).toContain('Counterexample: [1000]');
    expect(stripVTControlCharacters(tellFailure(failed))).not.toContain('node_modules');
    expect(replayCommand(failed)).toBe(
      `npm run fuzz -- --only 'numbers > are small, says '\\''somebody'\\''' --seed 7 --path ${failed.path}`,
    );

    const { seed = 0, path } = failed;
    const again = await runRound({ seed, cases: 1, include, path: path! }, { title });
    expect(again).toHaveLength(1);
    expect(titled(again, title)?.failure).toContain('Counterexample: [1000]\nShrunk 0 time(s)');
  });

  it('tells of a case that takes too long', async () => {
    const include = plant(PLANTED);
    const results = await runRound({ seed: 7, cases: 100, milliseconds: 2_000, include }, { title: 'take no time' });
    expect(titled(results, 'numbers > take no time')?.failure).toMatch(/one case took \d+ ms of processor time/);
  });

  it('tells of a file that cannot be read', async () => {
    const results = await runRound({ seed: 7, cases: 100, include: plant('throw new Error("unreadable");') });
    expect(results).toMatchObject([{ failure: 'unreadable' }]);
    expect(replayCommand(results[0]!)).toBeUndefined();
  });

  it('tries a property until its time is over, and counts the cases', async () => {
    const order = { seed: 7, cases: Number.MAX_SAFE_INTEGER, milliseconds: 500, include: plant(PLANTED) };
    const results = await runRound(order, { title: 'are numbers' });
    expect(results).toMatchObject([{ title: 'numbers > are numbers', seed: 7, path: null }]);
    expect(results[0]!.cases).toBeGreaterThan(1_000);
  });
});
