import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensurePki } from '@holdfast/pki';
import { appNames, portsOf } from '../platform/apps.ts';
import { recordRunning } from '../platform/running.ts';
import type { Machine } from '../trust/machine.ts';
import { thisMachine } from '../trust/machine.ts';
import { environment } from './checks/environment.ts';
import { chromium, clock, disk, node, ports, run } from './checks/machine.ts';
import { names } from './checks/names.ts';
import { pki, trust } from './checks/pki.ts';
import { DOCTOR_FINDINGS } from './doctor-findings.ts';
import { examine, isWell } from './examine.ts';
import type { Check, Surroundings } from './surroundings.ts';

const DAY = 86_400_000;
const NOW = new Date();
/** A place where no platform of anybody listens. */
const OFFSET = 13_000;

const whole = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'));
beforeAll(() => ensurePki({ home: whole, now: NOW }));
afterAll(() => rmSync(whole, { recursive: true }));
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const loopback = (): Promise<readonly string[]> => Promise.resolve(['127.0.0.1', '::1']);
/** A machine on which nothing is installed and nobody has a browser. */
const bare: Machine = { ...thisMachine({ HOME: '/nonexistent' }), platform: 'linux', has: () => false };
const surroundings = (change: Partial<Surroundings> = {}): Surroundings => ({
  home,
  offset: OFFSET,
  now: NOW,
  environment: {},
  machine: bare,
  addressesOf: loopback,
  ...change,
});
const codes = async (check: Check, change: Partial<Surroundings> = {}): Promise<readonly string[]> =>
  (await check(surroundings(change))).map(({ code }) => code);

describe('the doctor finds', () => {
  it('a port that is taken, and by whom; one of the platform that runs here is its own', async () => {
    const [port = 0] = portsOf('bank', OFFSET);
    const server = createServer();
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    try {
      const [found] = await ports(surroundings());
      expect(found).toMatchObject({
        code: 'port_taken',
        detail: expect.stringContaining(`${port} (bank): process ${process.pid}`) as string,
      });
      recordRunning(home, { pid: process.pid, offset: OFFSET, ports: [port], urls: {} as never, configurations: home });
      expect(await codes(ports)).toEqual([]);
    } finally {
      await new Promise((done) => server.close(done));
    }
    expect(await codes(ports)).toEqual([]);
  });

  it('a clock that is behind the files, or behind the certificates', async () => {
    expect(await codes(clock, { now: new Date('2001-01-01') })).toEqual(['clock_behind']);
    throwAwayPki({ now: new Date(NOW.getTime() + 10 * DAY) }).write(home);
    expect(await codes(clock)).toEqual(['clock_behind']);
    expect(await codes(clock, { home: whole })).toEqual([]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['names that lead to another machine', ['192.0.2.1'], appNames.map(() => 'names_elsewhere')],
    ['one of several addresses elsewhere', ['127.0.0.1', '2001:db8::1'], appNames.map(() => 'names_elsewhere')],
    ['names nobody knows', [], ['names_not_found']],
    ['nothing where all is well', ['127.0.0.1', '::1'], []],
  ])('%s [RFC6761-6.3]', async (_, addresses, expected) => {
    expect(await codes(names, { addressesOf: () => Promise.resolve(addresses) })).toEqual(expected);
  });

  it('no PKI, half an authority, a leaf without its key, an expired leaf, an ended root', async () => {
    expect(await codes(pki)).toEqual(['pki_missing']);
    expect(await codes(pki, { home: whole })).toEqual([]);
    ensurePki({ home, now: NOW, only: ['bank'] });
    rmSync(join(home, 'pki/authority/web/intermediate.key'));
    expect((await pki(surroundings()))[0]).toMatchObject({
      code: 'pki_half_made',
      detail: join(home, 'pki/authority/web/intermediate.key'),
    });
    expect(
      (await codes(pki, { home: whole, now: new Date(NOW.getTime() + 8 * DAY) })).every(
        (code) => code === 'pki_unusable',
      ),
    ).toBe(true);
    const ended = await pki(surroundings({ home: whole, now: new Date(NOW.getTime() + 4000 * DAY) }));
    expect(ended.filter(({ detail }) => detail.includes('every root has expired'))).toHaveLength(3);
  });

  it('that a browser will warn, and that it ought to where the root is not limited', async () => {
    expect(await codes(trust)).toEqual([]);
    const reached = { ...thisMachine({ ...process.env, HOME: home }), platform: 'sunos' as const };
    expect(await codes(trust, { home: whole, machine: reached })).toEqual(['root_not_trusted']);
    throwAwayPki().write(home);
    expect(await codes(trust)).toEqual(['root_unlimited']);
  });

  it.each<[string, NodeJS.ProcessEnv, readonly string[]]>([
    ['verification switched off', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, ['tls_checks_off']],
    ['nothing in verification switched on', { NODE_TLS_REJECT_UNAUTHORIZED: '1' }, []],
    ['added authorities', { NODE_EXTRA_CA_CERTS: import.meta.filename }, ['authorities_added']],
    ['added authorities that are not there', { SSL_CERT_FILE: '/nonexistent' }, ['authorities_unreadable']],
    ['a proxy', { HTTPS_PROXY: 'http://user:secret@proxy' }, ['proxy_in_the_way']],
    ['a proxy in small letters', { https_proxy: 'http://proxy', NO_PROXY: 'example.com' }, ['proxy_in_the_way']],
    ['nothing in a proxy that spares localhost', { ALL_PROXY: 'http://proxy', no_proxy: 'a, .localhost' }, []],
    ['nothing in an empty variable', { HTTPS_PROXY: '', SSL_CERT_DIR: '' }, []],
  ])('in the environment: %s', async (_, variables, expected) => {
    expect(await codes(environment, { environment: variables })).toEqual(expected);
    expect(JSON.stringify(await environment(surroundings({ environment: variables })))).not.toContain('secret');
  });

  it('a named Chromium that is not there', async () => {
    expect(await codes(chromium, { environment: { CHROMIUM_PATH: '/nonexistent' } })).toEqual(['chromium_missing']);
    expect(await codes(chromium, { environment: { CHROMIUM_PATH: process.execPath } })).toEqual([]);
  });

  it('a platform that was killed, and one that runs and does not serve', async () => {
    expect(await codes(run)).toEqual([]);
    recordRunning(home, { pid: 2 ** 30, offset: OFFSET, ports: [1], urls: {} as never, configurations: home });
    expect(await codes(run)).toEqual(['run_record_stale']);
    const [port = 0] = portsOf('lab', OFFSET);
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    throwAwayPki().write(home);
    recordRunning(home, { pid: process.pid, offset: OFFSET, ports: [port], urls: {} as never, configurations: home });
    expect(await codes(run)).toEqual(appNames.map(() => 'run_not_ready'));
    await new Promise((done) => server.close(done));
  });

  it('nothing wrong with this Node and this disk', async () => {
    expect([...(await codes(node)), ...(await codes(disk))]).toEqual([]);
  });
});

describe('an examination', () => {
  it('is well in spite of notes, and not when one thing is wrong; it changes nothing', async () => {
    const before = readdirSync(home);
    const looked = await examine(surroundings());
    expect(looked.flatMap(({ found }) => found.map(({ code }) => code))).toContain('pki_missing');
    expect(isWell(looked)).toBe(true);
    expect(isWell(await examine(surroundings({ environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })))).toBe(false);
    expect(readdirSync(home)).toEqual(before);
  });

  it.each(Object.entries(DOCTOR_FINDINGS))('%s is told in both languages', (_, { what, remedy }) => {
    for (const text of [what, remedy]) {
      expect(text.en).not.toBe('');
      expect(text.ja).not.toBe('');
    }
  });
});
