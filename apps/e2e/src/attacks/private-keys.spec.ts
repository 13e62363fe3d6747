import { execFile } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { processesOf } from '../platform/processes.ts';
import { Http } from '../wire/http.ts';
import { RawPeer } from '../wire/raw-request.ts';

// P24 of docs/attacks.md: where a private key lies, and where it does not. What stands in the repository is asked by the tools.
const { home, urls } = inject('world');
const root = join(import.meta.dirname, '../../../..');
const pki = join(home, 'pki');

/** Everything that is secret in a home's PKI: private keys, shared secrets, PKCS#12 files and their passwords. */
const secretsIn = (folder: string): readonly string[] =>
  globSync(['**/*.key', '**/*.p12', '**/*.password'], { cwd: folder });
const secrets = secretsIn(pki);

/**
 * What each of them looks like wherever it is copied to, in the letters it is kept in: of a key the stretch where the private
 * number stands, for behind it stands the public one.
 */
const marks = secrets
  .filter((file) => !file.endsWith('.p12'))
  .map((file) => {
    const text = readFileSync(join(pki, file), 'utf8');
    const letters = text.replaceAll(/-----[^-]+-----|\s/g, '');
    // That of Ed25519 is short, and nothing stands behind it.
    const number = letters.length < 88 ? letters.slice(22) : letters.slice(52, 88);
    return { file, mark: text.startsWith('-----') ? number : letters };
  });

const leaked = (text: string): readonly string[] => {
  const letters = text.replaceAll(/\s|\\n/g, '');
  return marks.filter(({ mark }) => letters.includes(mark)).map(({ file }) => file);
};

describe('P24, a private key', () => {
  it('is known to this test, each of them, and found where it does lie', () => {
    expect(secrets.length).toBeGreaterThan(30);
    for (const { file, mark } of marks) expect(mark.length, file).toBeGreaterThan(20);
    const own = readFileSync(join(pki, 'fintech/transport.key'), 'utf8');
    expect(leaked(`"${own.replaceAll('\n', '\\n')}"`)).toEqual([`fintech${sep}transport.key`]);
  });

  it('is for the eyes of its owner alone, and so is the folder above it', () => {
    for (const file of secrets) {
      const { mode, uid } = statSync(join(pki, file));
      expect([file, (mode & 0o777).toString(8), uid]).toEqual([file, '600', process.getuid?.()]);
    }
  });

  it('is in no log, no trail, no database and no configuration of a process', () => {
    const written = ['logs', 'audit', 'data', 'config'].flatMap((folder) =>
      readdirSync(join(home, folder)).map((name) => join(home, folder, name)),
    );
    expect(written.some((file) => file.endsWith('bank.log'))).toBe(true);
    for (const file of written) {
      const text = readFileSync(file, 'latin1');
      expect([file, leaked(text)]).toEqual([file, []]);
      expect(text, file).not.toMatch(/PRIVATE KEY-----/);
    }
  });

  it.runIf(existsSync('/proc/self/environ'))(
    'of an authority is held open by no process, and none is in an environment',
    () => {
      const processes = processesOf(home);
      expect(processes.length).toBeGreaterThanOrEqual(4);
      for (const pid of processes) {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        expect(leaked(environment)).toEqual([]);
        expect(environment).not.toMatch(/PRIVATE KEY-----/);
        const open = readdirSync(`/proc/${pid}/fd`).map((fd) => linkAt(`/proc/${pid}/fd/${fd}`));
        expect(open.filter((file) => file.startsWith(join(pki, 'authority')))).toEqual([]);
      }
    },
  );
});

describe('P24, what is served', () => {
  const guest = new Http(home);
  const participant = new Http(home, 'developer/client');
  const peer = new RawPeer(home);
  afterAll(async () => {
    await Promise.all([guest.close(), participant.close()]);
    peer.close();
  });

  it('holds no key: no page, no stylesheet, no script, no document', async () => {
    const { issuer, mtlsIssuer, bank, fintech, lab } = urls;
    const documents = ['/jwks', '/.well-known/openid-configuration', '/grants'].map((path) => issuer + path);
    const seen = new Set<string>();
    const queue = [
      ...documents,
      fintech,
      lab,
      `${lab}/verdict`,
      `${bank}/accounts`,
      `${mtlsIssuer}/jwks`,
      `${bank}/readyz`,
    ];
    for (let url = queue.shift(); url !== undefined; url = queue.shift()) {
      if (seen.has(url)) continue;
      seen.add(url);
      const { text } = await (url.startsWith(mtlsIssuer) || url.startsWith(bank) ? participant : guest).ask(url);
      expect([url, leaked(text)]).toEqual([url, []]);
      expect(text, url).not.toMatch(/PRIVATE KEY-----|"(d|p|q|dp|dq|qi|k)"\s*:\s*"[\w-]{20,}"/);
      for (const [, path = ''] of text.matchAll(/(?:href|src)="(\/(?:assets|attacks)\/[^"#?]+)"/g))
        queue.push(new URL(path, url).href);
    }
    expect([...seen].filter((url) => url.includes('/assets/')).length).toBeGreaterThan(3);
  });

  it.each([
    '/assets/../../pki/bank/api.key',
    '/assets/..%2f..%2f..%2fpki/bank/api.key',
    '/assets/%2e%2e/%2e%2e/.holdfast/pki/authority/web/root.key',
    '/assets/....//....//pki/bank/api.key',
    '/pki/bank/api.key',
    '/.holdfast/pki/bank/api.key',
    '/.git/config',
    '/package.json',
    '/dist/main.js.map',
  ])('is no file beside those that are meant: %s', async (target) => {
    for (const origin of [urls.issuer, urls.fintech, urls.lab, urls.bank, urls.mtlsIssuer])
      expect([400, 404], origin).toContain(await peer.ask(origin, { method: 'GET', target }));
  });
});

describe('P24, a second home', () => {
  const second = mkdtempSync(join(tmpdir(), 'holdfast-second-'));
  beforeAll(async () => {
    const node = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
    const command = [...node, 'tools/pki/main.ts', 'ensure', '--home', second];
    await promisify(execFile)(process.execPath, command, { cwd: root });
  });
  afterAll(() => rmSync(second, { recursive: true, force: true }));

  it('shares no key with the first: whoever has a copy of the repository has no authority’s key', () => {
    const [first, other] = [keysIn(home), keysIn(second)];
    expect(other.size).toBeGreaterThan(15);
    expect(first.size).toBeGreaterThanOrEqual(other.size);
    expect([...other].filter((key) => first.has(key))).toEqual([]);
  });
});

/** Every key of a home, by its public half, or a shared secret by itself. */
function keysIn(folder: string): ReadonlySet<string> {
  const files = globSync('**/*.key', { cwd: join(folder, 'pki') }).map((file) => join(folder, 'pki', file));
  return new Set(
    files.map((file) => {
      const text = readFileSync(file, 'utf8');
      if (!text.startsWith('-----')) return text;
      return createPublicKey(createPrivateKey(text)).export({ type: 'spki', format: 'der' }).toString('base64');
    }),
  );
}

function linkAt(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return ''; // Closed meanwhile.
  }
}
