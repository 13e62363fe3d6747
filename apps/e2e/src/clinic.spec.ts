import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, inject, it } from 'vitest';

const { home } = inject('world');
const LAB = fileURLToPath(new URL('../../lab/dist/main.js', import.meta.url));
const MINUTES = 300_000;
const CONFIG = join(home, 'config/lab.json');
const PATIENTS = join(home, 'pki/lab/clinic');

interface Report {
  readonly patients: readonly {
    readonly id: string;
    readonly expected: { readonly code?: string; readonly foundAt: string };
    readonly bank: { readonly code?: string };
    readonly problem?: string;
  }[];
}

/** The lab as a person runs it. */
function clinic(config: string): Promise<{ code: number; report: Report }> {
  const args = [LAB, 'clinic', '--json', '--config', config, '--home', home];
  return new Promise((done, fail) => {
    const child = execFile(process.execPath, args, { maxBuffer: 2 ** 24 }, (_, stdout) => {
      try {
        done({ code: child.exitCode ?? -1, report: JSON.parse(stdout) as Report });
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

describe('the clinic on the running platform', () => {
  const swapped = `${PATIENTS}-swapped`;
  const config = join(home, 'config/lab-swapped.json');
  afterAll(() => {
    rmSync(swapped, { recursive: true, force: true });
    rmSync(config, { force: true });
  });

  it(
    'gives every patient its code, at both doors and in the audit trail [RFC8705-2.1] [RFC8705-7.5]',
    { timeout: MINUTES },
    async () => {
      const { code, report } = await clinic(CONFIG);
      expect(report.patients.filter(({ problem }) => problem !== undefined)).toEqual([]);
      expect(report.patients.length).toBeGreaterThan(20);
      expect(code).toBe(0);
    },
  );

  it('ends with 1 when patients have been mixed up', { timeout: MINUTES }, async () => {
    cpSync(PATIENTS, swapped, { recursive: true });
    // One who is well in the bed of one who is not, and the other way round.
    for (const end of ['crt', 'key']) {
      copyFileSync(join(PATIENTS, `well-p-256.${end}`), join(swapped, `expired.${end}`));
      copyFileSync(join(PATIENTS, `for-servers.${end}`), join(swapped, `well-p-384.${end}`));
    }
    const known = JSON.parse(readFileSync(CONFIG, 'utf8')) as { clinic: object };
    writeFileSync(
      config,
      JSON.stringify({ ...known, clinic: { ...known.clinic, patients: 'pki/lab/clinic-swapped' } }),
    );
    const { code, report } = await clinic(config);
    const wrong = report.patients.filter(({ problem }) => problem !== undefined);
    expect(wrong.map(({ id }) => id)).toEqual(['well-p-384', 'expired']);
    expect(code).toBe(1);
  });
});
