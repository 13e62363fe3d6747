import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { freeOffset } from '@holdfast/tools/platform';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

// The clock of all processes is moved by libfaketime, that of OpenSSL inside them too, which what Node alone is told would not reach. The
// platform hands no environment down to its processes, so the library is preloaded as a machine would do it: by a file in /etc, laid over the
// real one in a mount namespace.
const { error, stdout: library } = spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
const preload = [
  ...'--user --map-root-user --mount sh -c'.split(' '),
  'mount -t overlay overlay -o "$0" /etc && exec "$@"',
];

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-year-'));
const home = join(folder, 'home');
let running: ChildProcess | undefined;

async function stop(): Promise<void> {
  if (running === undefined || running.exitCode !== null) return;
  running.kill('SIGTERM');
  await once(running, 'exit');
}
afterEach(stop);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A machine whose clock says another year. @returns how a command is run on it */
function machineIn(years: number): readonly [string, ...string[]] {
  const etc = mkdtempSync(join(folder, 'etc-'));
  const [upper, work] = [join(etc, 'upper'), join(etc, 'work')];
  for (const each of [upper, work]) mkdirSync(each);
  writeFileSync(join(upper, 'ld.so.preload'), library);
  writeFileSync(join(upper, 'faketimerc'), `+${years}y\n`);
  return ['unshare', ...preload, `lowerdir=/etc,upperdir=${upper},workdir=${work}`, process.execPath];
}

function whyNot(): string | undefined {
  if (error !== undefined) return 'faketime is not installed';
  const [program, ...args] = machineIn(5);
  const tell = ['-e', 'process.stdout.write(`${new Date().getUTCFullYear()}`)'];
  const said = spawnSync(program, [...args, ...tell], { encoding: 'utf8' }).stdout;
  return said === `${yearFromNow(5)}` ? undefined : 'this machine gives no namespace';
}

const command = (script: string): string => join(root, 'tools', `${script}.mjs`);

/** `npm start` in the home, until it says that it is ready, or has ended. */
async function start(years: number): Promise<{ code: number | null; output: string }> {
  const options = ['--home', home, '--ports', `${await freeOffset()}`, '--json-ready'];
  const [program, ...machine] = machineIn(years);
  const child = (running = spawn(program, [...machine, command('start'), ...options]));
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ready = once(child.stdout, 'data').then(() => ({ code: null, output }));
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, output }));
  return Promise.race([ready, ended]);
}

/** The theft of a token, which succeeds at the bearer bank and fails at the other one: it needs every process and every hop. */
async function theft(years: number, ...options: readonly string[]): Promise<string> {
  const [program, ...machine] = machineIn(years);
  const { stdout } = await promisify(execFile)(program, [...machine, command('attack'), 'T02', ...options]);
  return stripVTControlCharacters(stdout);
}

const yearOf = (name: string): number =>
  new X509Certificate(readFileSync(join(home, 'pki', `${name}.crt`))).validFromDate.getUTCFullYear();
/** A year has 365 days here, as it has for faketime. */
function yearFromNow(years: number): number {
  return new Date(Date.now() + years * 365 * 86_400_000).getUTCFullYear();
}

const reason = whyNot();

describe.skipIf(reason !== undefined)(`the platform in another year${reason ? ` (NOT RUN: ${reason})` : ''}`, () => {
  it('starts afresh in five years', async () => {
    expect(await theft(5, '--start')).toContain('STOLEN · real stack: refused');
  }, 120_000);

  it('starts afresh in a year, and again a year later with everything it had left lying', async () => {
    for (const years of [1, 2]) {
      expect((await start(years)).code).toBeNull();
      expect(['bank/api', 'developer/client'].map(yearOf)).toEqual([yearFromNow(years), yearFromNow(years)]);
      expect(yearOf('authority/services/intermediate')).toBe(yearFromNow(1));
      expect(await theft(years, '--home', home)).toContain('STOLEN · real stack: refused');
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
