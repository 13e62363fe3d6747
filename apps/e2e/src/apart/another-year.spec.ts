import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { offsetForCommand } from '../platform/run-platform.ts';

// The clock of all processes is moved by libfaketime, that of OpenSSL inside them too, which what Node alone is told would not reach. The
// platform hands no environment down to its processes, so the library is preloaded as a machine would do it: by a file in /etc, laid over the
// real one in a mount namespace.
const { error, stdout: library } = spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
const preload = [
  ...'--user --map-root-user --mount sh -c'.split(' '),
  'mount -t overlay overlay -o "$0" /etc && exec "$@"',
];

const root = join(import.meta.dirname, '../../../..');
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

/** A machine whose clock is ahead. */
interface Machine {
  /** How Node is run on it. */
  readonly node: readonly [string, ...string[]];
  /** Sets its clock for what runs there: libfaketime looks again every ten seconds. */
  setClock(ahead: string): void;
}

/** @param ahead in the words of faketime: `+1y`, of 365 days */
function machine(ahead: string): Machine {
  const etc = mkdtempSync(join(folder, 'etc-'));
  const [upper, work] = [join(etc, 'upper'), join(etc, 'work')];
  for (const each of [upper, work]) mkdirSync(each);
  const setClock = (to: string): void => writeFileSync(join(upper, 'faketimerc'), `${to}\n`);
  writeFileSync(join(upper, 'ld.so.preload'), library);
  setClock(ahead);
  const node = ['unshare', ...preload, `lowerdir=/etc,upperdir=${upper},workdir=${work}`, process.execPath] as const;
  return { node, setClock };
}

function whyNot(): string | undefined {
  if (error !== undefined) return 'faketime is not installed';
  const [program, ...args] = machine('+5y').node;
  const tell = ['-e', 'process.stdout.write(`${new Date().getUTCFullYear()}`)'];
  const said = spawnSync(program, [...args, ...tell], { encoding: 'utf8' }).stdout;
  return said === `${yearFromNow(5)}` ? undefined : 'this machine gives no namespace';
}

const command = (script: string): string => join(root, 'tools', `${script}.mjs`);

/** `npm start` in the home, until it says that it is ready, or has ended. */
async function start({ node: [program, ...node] }: Machine): Promise<{ code: number | null; output: string }> {
  const options = ['--home', home, '--ports', `${await offsetForCommand()}`, '--json-ready'];
  const child = (running = spawn(program, [...node, command('start'), ...options]));
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ready = once(child.stdout, 'data').then(() => ({ code: null, output }));
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, output }));
  return Promise.race([ready, ended]);
}

/** The theft of a token, which succeeds at the bearer bank and fails at the other one: it needs every process and every hop. */
async function theft(ahead: string, ...options: readonly string[]): Promise<string> {
  const [program, ...node] = machine(ahead).node;
  const { stdout } = await promisify(execFile)(program, [...node, command('attack'), 'T02', ...options]);
  return stripVTControlCharacters(stdout);
}

/** What time it was, by its own clock, when a process wrote its last line. Milliseconds. */
const lastWordOf = (app: string): number => {
  const lines = readFileSync(join(home, `logs/${app}.log`), 'utf8')
    .trim()
    .split('\n');
  return Date.parse((JSON.parse(lines.at(-1) ?? '') as { time: string }).time);
};
const yearOf = (name: string): number =>
  new X509Certificate(readFileSync(join(home, 'pki', `${name}.crt`))).validFromDate.getUTCFullYear();
/** A year has 365 days here too. */
function yearFromNow(years: number): number {
  return new Date(Date.now() + years * 365 * 86_400_000).getUTCFullYear();
}

const reason = whyNot();

describe.skipIf(reason !== undefined)(`the platform in another year${reason ? ` (NOT RUN: ${reason})` : ''}`, () => {
  it('starts afresh in five years', async () => {
    expect(await theft('+5y', '--start')).toContain('STOLEN · real stack: refused');
  }, 120_000);

  it('starts afresh in a year, and again a year later with everything it had left lying', async () => {
    for (const years of [1, 2]) {
      expect((await start(machine(`+${years}y`))).code).toBeNull();
      expect(['bank/api', 'developer/client'].map(yearOf)).toEqual([yearFromNow(years), yearFromNow(years)]);
      expect(yearOf('authority/services/intermediate')).toBe(yearFromNow(1));
      expect(await theft(`+${years}y`, '--home', home)).toContain('STOLEN · real stack: refused');
      await stop();
    }
  }, 180_000);

  it('goes on when the machine wakes after thirty hours, longer than any revocation list lives', async () => {
    const asleep = machine('+2y');
    expect((await start(asleep)).code).toBeNull();
    const [before, later] = [lastWordOf('bank'), `+${2 * 365 * 24 + 30}h`];
    asleep.setClock(later);
    const wokenAndWell = async (): Promise<boolean> => {
      const told = await theft(later, '--home', home).catch(String);
      return lastWordOf('bank') - before > 29 * 3_600_000 && told.includes('STOLEN · real stack: refused');
    };
    await expect.poll(wokenAndWell, { timeout: 100_000, interval: 1_000 }).toBe(true);
    expect(running?.exitCode).toBeNull();
  }, 180_000);

  it('says in one line that its authorities have ended, and what to do, and touches nothing', async () => {
    const before = readFileSync(join(home, 'pki/authority/web/intermediate.crt'), 'utf8');
    const { code, output } = await start(machine('+7y'));
    expect(code).toBe(1);
    expect(output).toMatch(/intermediate\.crt has ended on [^\n]+\n[^\n]*npm run reset/);
    expect(readFileSync(join(home, 'pki/authority/web/intermediate.crt'), 'utf8')).toBe(before);
  });
});
