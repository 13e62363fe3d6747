import { execFile } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createIntermediate, createRoot, issueLeaf } from '@holdfast/mtls/authority';
import type { Authority, Leaf } from '@holdfast/mtls/authority';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensurePki, readAuthority, rootPath } from '@holdfast/pki';
import type { Wish } from './change-trust.ts';
import { storesOf, trustIn, untrustIn } from './change-trust.ts';
import type { Machine } from './machine.ts';
import { shownCommand, thisMachine } from './machine.ts';
import { nssStores } from './nss-stores.ts';
import type { TrustStore } from './store.ts';
import { anchorFolder } from './system-stores.ts';
import { readWebRoot } from './web-root.ts';
import type { WebRoot } from './web-root.ts';

const NOW = new Date();
const DAY = 86_400_000;
const home = mkdtempSync(join(tmpdir(), 'holdfast-trust-'));
let person: string;
let root: WebRoot;
beforeAll(() => {
  ensurePki({ home, now: NOW, only: ['lab'] });
  root = readWebRoot(home, NOW);
});
afterAll(() => rmSync(home, { recursive: true }));
beforeEach(() => {
  person = mkdtempSync(join(tmpdir(), 'holdfast-person-'));
});
afterEach(() => rmSync(person, { recursive: true, force: true }));

const machineOf = (change: Partial<Machine> = {}): Machine => ({
  ...thisMachine({ ...process.env, HOME: person }),
  ...change,
});
const told: string[] = [];
const wish = (change: Partial<Wish> = {}): Wish => ({
  dryRun: false,
  sudo: false,
  tell: (command) => told.push(command),
  ...change,
});

const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const lacks = [
  ...(thisMachine().has('certutil') && process.platform !== 'win32' ? [] : ['certutil of NSS (libnss3-tools)']),
  ...(existsSync(chromiumPath) ? [] : ['Chromium (CHROMIUM_PATH names one)']),
];
const withoutTool = lacks.some((what) => what.startsWith('certutil'));

describe('the root a browser may be told to trust', () => {
  it('is refused when it could vouch for any site [RFC5280-4.2.1.10]', () => {
    const other = mkdtempSync(join(tmpdir(), 'holdfast-any-'));
    const when = {
      notBefore: new Date(NOW.getTime() - DAY),
      notAfter: new Date(NOW.getTime() + DAY),
      random: randomBytes,
    };
    mkdirSync(join(other, 'pki/trust'), { recursive: true });
    for (const permittedDnsNames of [undefined, ['localhost', 'com']]) {
      const any = createRoot({ ...when, subject: 'CN=any', permittedDnsNames });
      writeFileSync(join(other, 'pki/trust/web.pem'), any.certificate.toString());
      expect(() => readWebRoot(other, NOW)).toThrow(/any site/);
    }
    rmSync(other, { recursive: true });
  });

  it('is refused when there is none, or when it has ended', () => {
    expect(() => readWebRoot(person, NOW)).toThrow(/does not exist/);
    expect(() => readWebRoot(home, new Date(NOW.getTime() + 4000 * DAY))).toThrow(/expired/);
  });

  it('is the root of the web alone: no intermediate, no other domain', () => {
    const text = readFileSync(root.file, 'utf8');
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    expect(new X509Certificate(text).subject).toContain('CN=Holdfast web root');
  });
});

describe('the anchors of a system', () => {
  const anchors = (): { folder: string; store: TrustStore } => {
    const folder = join(person, 'anchors');
    mkdirSync(folder);
    return { folder, store: anchorFolder({ folder, update: 'true', afterRemoval: [] }) };
  };

  it('are changed by nobody but root: without it the commands are shown', async () => {
    const { folder, store } = anchors();
    const outcome = await trustIn(store, root, machineOf({ isRoot: false }), wish());
    expect(outcome).toMatchObject({ kind: 'shown', commands: [expect.stringMatching(/^sudo install/), 'sudo true'] });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are not changed by a dry run, not even by root', async () => {
    const { folder, store } = anchors();
    expect(await trustIn(store, root, machineOf({ isRoot: true }), wish({ dryRun: true }))).toMatchObject({
      kind: 'shown',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tell which command failed', async () => {
    const store = anchorFolder({ folder: join(person, 'not there'), update: 'true', afterRemoval: [] });
    const outcome = await trustIn(store, root, machineOf({ isRoot: true }), wish());
    expect(outcome).toMatchObject({ kind: 'failed', command: expect.stringContaining('install') as string });
  });

  it('take the root once, give it back once, and leave others alone', async () => {
    const { folder, store } = anchors();
    const machine = machineOf({ isRoot: true });
    writeFileSync(join(folder, 'other.crt'), 'of somebody else');
    for (const kind of ['done', 'unchanged']) expect(await trustIn(store, root, machine, wish())).toEqual({ kind });
    expect(readdirSync(folder)).toHaveLength(2);
    for (const kind of ['done', 'unchanged']) expect(await untrustIn(store, root, machine, wish())).toEqual({ kind });
    await trustIn(store, root, machine, wish());
    expect(await untrustIn(store, 'all', machine, wish())).toEqual({ kind: 'done' });
    expect(readdirSync(folder)).toEqual(['other.crt']);
  });
});

describe('the stores of browsers', () => {
  it('are left to the person where certutil is missing, with what to install', () => {
    mkdirSync(join(person, '.pki/nssdb'), { recursive: true });
    writeFileSync(join(person, '.pki/nssdb/cert9.db'), '');
    const { stores, outOfReach } = nssStores(machineOf({ platform: 'linux', has: () => false }));
    expect(stores).toEqual([]);
    expect(outOfReach[0]?.byHand(root)).toMatch(/libnss3-tools.*web-root\.crt/);
  });

  it('are found for Chromium and for every profile of Firefox', () => {
    for (const profile of ['a.default', 'b.dev', 'no database'])
      mkdirSync(join(person, '.mozilla/firefox', profile), { recursive: true });
    for (const profile of ['a.default', 'b.dev'])
      writeFileSync(join(person, '.mozilla/firefox', profile, 'cert9.db'), '');
    const { stores } = storesOf(
      machineOf({ platform: 'linux', has: (program) => ['certutil', 'chromium'].includes(program) }),
    );
    expect(stores.map(({ name }) => name)).toEqual([
      'Chromium (~/.pki/nssdb)',
      'Firefox (a.default)',
      'Firefox (b.dev)',
    ]);
  });

  it.skipIf(withoutTool)(
    `take the root once and give it back${withoutTool ? ': skipped, no certutil of NSS here' : ''}`,
    async () => {
      const machine = machineOf({ platform: 'linux', has: (program) => ['certutil', 'chromium'].includes(program) });
      const [store] = nssStores(machine).stores;
      if (store === undefined) throw new Error('no store was found');
      expect(await store.holds(root)).toBe(false);
      for (const kind of ['done', 'unchanged']) expect(await trustIn(store, root, machine, wish())).toEqual({ kind });
      const { output } = await machine.run('certutil', ['-d', `sql:${join(person, '.pki/nssdb')}`, '-L']);
      // For servers, and for nothing else.
      expect(output).toMatch(new RegExp(`${root.nickname}\\s+C,,`));
      for (const kind of ['done', 'unchanged']) expect(await untrustIn(store, root, machine, wish())).toEqual({ kind });
      await trustIn(store, root, machine, wish());
      expect(await untrustIn(store, 'all', machine, wish())).toEqual({ kind: 'done' });
      expect(await store.holds(root)).toBe(false);
    },
  );
});

/** A browser of its own, with the stores of `person`; what it shows of a page. */
async function visited(url: string, port: number): Promise<string> {
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  const rules = `--host-resolver-rules=MAP * 127.0.0.1:${port}`;
  const profile = `--user-data-dir=${join(person, 'profile')}`;
  const run = promisify(execFile)(chromiumPath, [...args, rules, profile, '--dump-dom', url], {
    env: { ...process.env, HOME: person },
    timeout: 50_000,
  });
  return (await run).stdout;
}

describe.skipIf(lacks.length > 0)(
  `Chromium with the root in its store${lacks.length > 0 ? `: skipped, there is no ${lacks.join(', no ')} here` : ''}`,
  () => {
    const server = createServer((_request, response) => response.end('<p>a page of ours</p>'));
    let port: number;
    let stolen: Authority;
    beforeAll(async () => {
      const thief = readAuthority(rootPath(home, 'web'), NOW);
      const when = {
        notBefore: new Date(NOW.getTime() - 60_000),
        notAfter: new Date(NOW.getTime() + DAY),
        random: randomBytes,
      };
      // The worst case: the key of the root is stolen, and an intermediate without limits is made with it.
      stolen = createIntermediate({ ...when, issuer: thief, subject: 'CN=stolen', purpose: 'server' });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      port = (server.address() as AddressInfo).port;
    });
    afterAll(() => server.close());

    const serve = (dnsName: string): void => {
      const times = { notBefore: new Date(NOW.getTime() - 60_000), notAfter: new Date(NOW.getTime() + DAY) };
      const leaf: Leaf = issueLeaf({
        ...times,
        random: randomBytes,
        issuer: stolen,
        subject: `CN=${dnsName}`,
        dnsNames: [dnsName],
        purpose: 'server',
      });
      server.setSecureContext({ cert: leaf.certificatePem, key: leaf.keyPem });
    };
    const trust = async (): Promise<void> => {
      const machine = machineOf();
      const [store] = nssStores(machine).stores;
      if (store !== undefined) await trustIn(store, root, machine, wish());
    };

    it('believes it about a name below localhost, and before that nothing', { timeout: 120_000 }, async () => {
      serve('lab.localhost');
      expect(await visited('https://lab.localhost/', port)).not.toContain('a page of ours');
      await trust();
      expect(await visited('https://lab.localhost/', port)).toContain('a page of ours');
    });

    it(
      'believes it about no other site, even with its key stolen [RFC5280-4.2.1.10]',
      { timeout: 120_000 },
      async () => {
        await trust();
        serve('example.com');
        expect(await visited('https://example.com/', port)).not.toContain('a page of ours');
        // The same browser, the same store: it was the name.
        serve('auth.localhost');
        expect(await visited('https://auth.localhost/', port)).toContain('a page of ours');
      },
    );
  },
);

describe('a command as a person types it', () => {
  it('quotes what a shell would read otherwise', () => {
    expect(shownCommand({ program: 'certutil', args: ['-n', "it's"], asRoot: false })).toBe(`certutil -n 'it'\\''s'`);
  });
});
