import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';

const { home } = inject('world');
const LAB = fileURLToPath(new URL('../../lab/dist/main.js', import.meta.url));
const MINUTES = 300_000;

interface Report {
  readonly summary: Readonly<Record<'passed' | 'failed' | 'unclear' | 'tested' | 'open', number>>;
  readonly requirements: readonly {
    readonly id: string;
    readonly how: string;
    readonly standing: string;
    readonly expected?: string;
    readonly observed?: string;
  }[];
}

/** The lab as a person runs it. */
function verdict(): Promise<{ code: number; report: Report }> {
  const files = ['--config', join(home, 'config/lab.json'), '--home', home];
  return new Promise((done, fail) => {
    const child = execFile(
      process.execPath,
      [LAB, 'verdict', '--json', ...files],
      { maxBuffer: 2 ** 26 },
      (_, stdout) => {
        try {
          done({ code: child.exitCode ?? -1, report: JSON.parse(stdout) as Report });
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      },
    );
  });
}

describe('the verdict on the running platform', () => {
  let code: number;
  let report: Report;
  beforeAll(async () => {
    ({ code, report } = await verdict());
  }, MINUTES);

  it('finds no requirement that does not hold, and none that could not be asked for', () => {
    const odd = report.requirements.filter(({ standing }) => standing === 'failed' || standing === 'unclear');
    expect(odd.map(({ id, expected, observed }) => ({ id, expected, observed }))).toEqual([]);
  });

  it('has asked for every requirement that can be seen from outside', () => {
    const live = report.requirements.filter(({ how, standing }) => how === 'live' && standing !== 'open');
    expect(report.summary.passed).toBe(live.length);
    expect(live.length).toBeGreaterThan(200);
  });

  it('ends with 0 when nothing is left to prove, and else with 1', () => {
    expect(code).toBe(report.summary.open === 0 ? 0 : 1);
  });
});
