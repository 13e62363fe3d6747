import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freeOffset } from '@holdfast/tools/platform';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

// The clock of whole processes, of OpenSSL inside them too, is moved by libfaketime: what Node is told alone would not reach it.
const library = spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).stdout?.trim();
const notRun = library ? '' : ' (NOT RUN: faketime is not installed)';

const root = join(import.meta.dirname, '../../..');
const home = mkdtempSync(join(tmpdir(), 'holdfast-year-'));
let running: ChildProcess | undefined;

async function stop(): Promise<void> {
  if (running === undefined || running.exitCode !== null) return;
  running.kill('SIGTERM');
  await once(running, 'exit');
}
afterEach(stop);
afterAll(() => rmSync(home, { recursive: true }));

const command = (script: string): string => join(root, 'tools', `${script}.mjs`);
/** The monotonic clock stays the kernel's: it measures, and tells no date. */
const inYears = (years: number) => ({
  env: { ...process.env, LD_PRELOAD: library, FAKETIME: `+${years}y`, FAKETIME_DONT_FAKE_MONOTONIC: '1' },
});

/** `npm start` in the home, until it says that it is ready, or has ended. */
async function start(years: number): Promise<{ code: number | null; output: string }> {
  const options = ['--home', home, '--ports', `${await freeOffset()}`, '--json-ready'];
  const child = (running = spawn(process.execPath, [command('start'), ...options], inYears(years)));
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ready = once(child.stdout, 'data').then(() => ({ code: null, output }));
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, output }));
  return Promise.race([ready, ended]);
}

/** The theft of a token, which succeeds at the bearer bank and fails at the other one: it needs every process and every hop. */
async function theft(years: number, ...options: readonly string[]): Promise<string> {
  const attack = [command('attack'), 'T02', ...options];
  const { stdout } = await promisify(execFile)(process.execPath, attack, inYears(years));
  return stdout;
}

const yearOf = (name: string): number =>
  new X509Certificate(readFileSync(join(home, 'pki', `${name}.crt`))).validFromDate.getUTCFullYear();
const yearFromNow = (years: number): number => new Date(Date.now() + years * 365 * 86_400_000).getUTCFullYear();

describe.skipIf(notRun !== '')(`the platform in another year${notRun}`, () => {
  it('starts afresh in five years', async () => {
    expect(await theft(5, '--start')).toContain('1 of 1');
  }, 120_000);

  it('starts afresh in a year, and again a year later with everything it had left lying', async () => {
    for (const years of [1, 2]) {
      expect((await start(years)).code).toBeNull();
      expect(['bank/api', 'developer/client'].map(yearOf)).toEqual([yearFromNow(years), yearFromNow(years)]);
      expect(yearOf('authority/services/intermediate')).toBe(yearFromNow(1));
      expect(await theft(years, '--home', home)).toContain('1 of 1');
      await stop();
    }
  }, 180_000);

  it('says in one line that its authorities have ended, and what to do, and touches nothing', async () => {
    const before = readFileSync(join(home, 'pki/authority/web/intermediate.crt'), 'utf8');
    const { code, output } = await start(7);
    expect(code).toBe(1);
    expect(output).toMatch(/intermediate\.crt has ended on [^\n]+\n[^\n]*npm run reset/);
    expect(readFileSync(join(home, 'pki/authority/web/intermediate.crt'), 'utf8')).toBe(before);
  }, 60_000);
});
