import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { loadIdentity, loadTrust, MtlsConfigError, readRevocationList } from '@holdfast/mtls';
import { issueCrl } from '@holdfast/mtls/authority';
import { LISTED_LEAVES } from '@holdfast/mtls/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePki } from './ensure-pki.ts';
import { readPkiList } from './pki-list.ts';
import type { ListedLeaf, PkiList } from './pki-list.ts';

const DAY = 86_400_000;
const NOW = new Date();
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-pki-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** The list as if no process enrolled: what is issued by hand is issued alike, whosever it is. */
const LIST: PkiList = {
  ...readPkiList(),
  leaves: Object.fromEntries(
    Object.entries(readPkiList().leaves).map(([name, leaf]) => [name, { ...leaf, enrols: false }]),
  ),
};

function ensure(now = NOW, only?: readonly string[], list = LIST): string[] {
  const done: string[] = [];
  ensurePki({ home, now, list, report: (what) => done.push(what), ...(only === undefined ? {} : { only }) });
  return done;
}
const file = (name: string): string => join(home, 'pki', name);
const read = (name: string): string => readFileSync(file(name), 'utf8');
const certificate = (name: string): X509Certificate => new X509Certificate(read(`${name}.crt`));

/** The trouble as it is told: one line and a remedy. */
function trouble(now = NOW): MtlsConfigError {
  try {
    ensure(now);
  } catch (error) {
    if (error instanceof MtlsConfigError) return error;
    throw error;
  }
  throw new Error('it went well');
}

describe('a PKI is refused', () => {
  beforeEach(() => {
    ensure();
  });

  it.each(['intermediate.key', 'intermediate.crt'])('when %s of an authority is missing', (name) => {
    rmSync(file(`authority/web/${name}`));
    expect(trouble()).toMatchObject({ message: expect.stringContaining(name.replace('intermediate', '')) as string });
    expect(trouble().remedy).toContain('npm run reset');
    expect(trouble().message).not.toContain('\n');
  });

  it('when the key of an authority belongs to another', () => {
    writeFileSync(file('authority/web/intermediate.key'), read('authority/services/intermediate.key'));
    expect(trouble().message).toContain('does not belong to');
  });

  it('when an authority was signed by another root', () => {
    for (const end of ['crt', 'key'])
      writeFileSync(file(`authority/web/intermediate.${end}`), read(`authority/services/intermediate.${end}`));
    expect(trouble().message).toContain('was not signed by its root');
  });

  it('when an authority cannot be read', () => {
    writeFileSync(file('authority/web/intermediate.crt'), 'nonsense');
    expect(trouble().message).toContain('cannot be read');
  });

  it('when the clock stands before its beginning', () => {
    const { message, remedy } = trouble(new Date(NOW.getTime() - DAY));
    expect(message).toMatch(/the clock says .* valid only from/);
    expect(remedy).toContain('set the clock');
  });

  it('when an authority has ended', () => {
    expect(trouble(new Date(NOW.getTime() + 2000 * DAY)).message).toContain('has ended on');
  });

  it('when it shall be made for a holder nobody knows', () => {
    expect(() => ensure(NOW, ['bank', 'bnak'])).toThrow(/"bnak" holds nothing/);
  });
});

describe('the roots', () => {
  it('lie in a folder of their own, and nothing needs them again', () => {
    ensure();
    expect(readdirSync(file('authority/web')).sort()).toEqual(['intermediate.crt', 'intermediate.key']);
    expect(statSync(join(home, 'offline')).mode & 0o777).toBe(0o700);
    rmSync(join(home, 'offline'), { recursive: true });
    expect(ensure(new Date(NOW.getTime() + 4.8 * DAY))).toContain('renewed bank/api');
  });

  it('of an earlier version are moved there, whole', () => {
    ensure();
    const roots = ['crt', 'key'].map((end) => readFileSync(join(home, `offline/web/root.${end}`), 'utf8'));
    for (const end of ['crt', 'key'])
      renameSync(join(home, `offline/web/root.${end}`), file(`authority/web/root.${end}`));
    expect(ensure()).toEqual([]);
    expect(['crt', 'key'].map((end) => readFileSync(join(home, `offline/web/root.${end}`), 'utf8'))).toEqual(roots);
    expect(readdirSync(file('authority/web')).sort()).toEqual(['intermediate.crt', 'intermediate.key']);
  });
});

describe('the revocation lists', () => {
  const listOf = (name: string) => {
    const trust = loadTrust(file(`trust/${name}.pem`));
    const [base64 = ''] = /-----BEGIN X509 CRL-----([\s\S]+?)-----END/.exec(read(`trust/${name}.crl`))?.slice(1) ?? [];
    return readRevocationList(Buffer.from(base64, 'base64'), trust.certificates);
  };

  it('are made for every purpose, and OpenSSL verifies them [RFC5280-5]', () => {
    ensure();
    for (const name of ['web', 'participants', 'services']) {
      const bundle = file(`trust/${name}.pem`);
      const { stderr } = spawnSync('openssl', ['crl', '-in', file(`trust/${name}.crl`), '-CAfile', bundle, '-noout']);
      expect(String(stderr)).toContain('verify OK');
      expect(listOf(name).entries.size).toBe(0);
    }
  });

  it('are signed again before they end, and forget nobody', () => {
    ensure();
    const issuer = {
      certificate: certificate('authority/web/intermediate'),
      key: createPrivateKey(read('authority/web/intermediate.key')),
      chain: [],
    };
    const revoked = [{ serialNumber: '0102', at: new Date(1_700_000_000_000), reason: 'keyCompromise' as const }];
    const times = { thisUpdate: NOW, nextUpdate: new Date(NOW.getTime() + DAY) };
    writeFileSync(file('trust/web.crl'), issueCrl({ issuer, revoked, number: 5_000_000_000, ...times }));
    const before = read('trust/web.crl');
    ensure(new Date(NOW.getTime() + DAY / 2));
    expect(read('trust/web.crl')).toBe(before);
    ensure(new Date(NOW.getTime() + DAY));
    expect(listOf('web')).toMatchObject({
      number: 5_000_000_001n,
      entries: new Map([['102', { at: new Date(1_700_000_000_000), reason: 'keyCompromise' }]]),
    });
  });
});

describe('a PKI', () => {
  it('is made once; the second time nothing changes', () => {
    const made = ensure();
    const others = Object.keys(LIST.clientKeys).length + LIST.secrets.length;
    expect(made).toHaveLength(6 + Object.keys(LIST.leaves).length + others);
    const before = read('bank/api.crt');
    expect(ensure()).toEqual([]);
    expect(read('bank/api.crt')).toBe(before);
  });

  it('has no leaf of a process: that makes its key itself and enrols [RFC7030-4.2]', () => {
    const made = ensure(NOW, undefined, readPkiList());
    const enrolled = Object.entries(readPkiList().leaves).filter(([, { enrols }]) => enrols);
    expect(enrolled.length).toBeGreaterThan(8);
    for (const [name] of enrolled)
      expect([existsSync(file(`${name}.crt`)), made.includes(name)]).toEqual([false, false]);
  });

  it('gives each holder what loads as identity, and trust that loads', () => {
    ensure();
    for (const name of ['web', 'participants', 'services'])
      expect(loadTrust(file(`trust/${name}.pem`)).certificates).toHaveLength(2);
    const usable = (name: string): boolean => name !== 'lab/expired';
    for (const name of Object.keys(readPkiList().leaves).filter(usable)) {
      const source = loadIdentity({ certificate: file(`${name}.crt`), key: file(`${name}.key`) });
      expect(source.current().leaf.thumbprint).toHaveLength(43);
      source.close();
    }
  });

  it('keeps every key to its owner', () => {
    ensure();
    const keys = (readdirSync(file(''), { recursive: true }) as string[]).filter((name) => /key|p12/.test(name));
    expect(keys.length).toBeGreaterThan(20);
    for (const key of keys) expect(statSync(file(key)).mode & 0o077, key).toBe(0);
  });

  it('gives each holder secrets of its own, and keeps them', () => {
    ensure();
    const keys = readPkiList().secrets.map((name) => read(`${name}.key`));
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(Buffer.from(key.trim(), 'base64url')).toHaveLength(32);
    ensure(new Date(NOW.getTime() + 6 * DAY));
    expect(readPkiList().secrets.map((name) => read(`${name}.key`))).toEqual(keys);
  });

  it('renews a leaf with less than a third of its life left, and not before', () => {
    ensure();
    expect(ensure(new Date(NOW.getTime() + 4.6 * DAY))).toEqual([]);
    const renewed = ensure(new Date(NOW.getTime() + 4.8 * DAY));
    expect(renewed).toContain('renewed bank/api');
    expect(renewed.some((what) => what.includes('lab/expired'))).toBe(false);
    expect(renewed.some((what) => what.includes('sealing'))).toBe(false);
  });

  it.each([
    ['half of it is missing', () => rmSync(file('bank/api.key'))],
    ['its key is another one', () => writeFileSync(file('bank/api.key'), read('fintech/web.key'))],
    ['it is damaged', () => writeFileSync(file('bank/api.crt'), read('bank/api.crt').slice(0, 200))],
    [
      'another authority signed it',
      () => {
        for (const end of ['crt', 'key']) writeFileSync(file(`bank/api.${end}`), read(`bank/service.${end}`));
      },
    ],
  ])('issues a leaf anew when %s', (_, spoil) => {
    ensure();
    spoil();
    expect(ensure()).toEqual(['issued anew bank/api']);
    expect(certificate('bank/api').checkPrivateKey(createPrivateKey(read('bank/api.key')))).toBe(true);
  });

  it('issues a leaf anew when its line of the list has changed', () => {
    ensure();
    const change = (name: string, line: Partial<ListedLeaf>): PkiList => {
      const leaf = LIST.leaves[name];
      if (leaf === undefined) throw new Error(`${name} is not in the list`);
      return { ...LIST, leaves: { [name]: { ...leaf, ...line } }, clientKeys: {}, secrets: [] };
    };
    const changes: [string, Partial<ListedLeaf>][] = [
      ['bank/api', { dns: ['api.bank.localhost', 'bank.localhost'] }],
      ['bank/api', { subject: 'CN=other' }],
      ['bank/service', { purpose: 'client' }],
      ['lab/first-client', { key: 'RSA-2048' }],
      ['lab/second-client', { expired: true }],
      ['lab/expired', { expired: false }],
      ['fintech/transport', { pkcs12: true }],
    ];
    for (const [name, line] of changes) {
      const done: string[] = [];
      const again = (): void =>
        ensurePki({ home, now: NOW, list: change(name, line), report: (what) => done.push(what) });
      again();
      again();
      expect(done, name).toHaveLength(1);
    }
  });

  it('completes what an interrupted first run left behind', () => {
    ensure();
    // Trust and certificates come after the keys: this is what a run that was stopped early has written.
    const unwritten = ['intermediate.crt', 'intermediate.key'].map((name) => `authority/services/${name}`);
    for (const name of [
      'trust',
      'bank',
      'authority/web/intermediate.crt',
      '../offline/services/root.crt',
      ...unwritten,
    ]) {
      rmSync(file(name), { recursive: true });
    }
    writeFileSync(file('authority/web/intermediate.crt.draft'), 'half a cert', { mode: 0o644 });
    writeFileSync(file('.lock'), '');
    utimesSync(file('.lock'), 0, 0);
    expect(ensure()).toEqual(
      expect.arrayContaining(['made intermediate web-servers', 'made root services', 'issued bank/api']) as string[],
    );
    expect(ensure()).toEqual([]);
    for (const name of ['web', 'services']) loadTrust(file(`trust/${name}.pem`));
  });

  it('opens to others only what is public', () => {
    const inside = join(home, 'new');
    ensurePki({ home: inside, now: NOW });
    const mode = (name: string): number => statSync(join(inside, name)).mode & 0o777;
    expect([mode(''), mode('pki/authority'), mode('pki/authority/web'), mode('pki/bank')]).toEqual([
      0o700, 0o700, 0o700, 0o700,
    ]);
    expect([mode('pki'), mode('pki/trust'), mode('pki/trust/web.pem')]).toEqual([0o755, 0o755, 0o644]);
  });

  it.skipIf(process.getuid?.() !== 0)('hands what a holder keeps over to its user, and keeps the authorities', () => {
    ensure();
    ensurePki({ home, now: NOW, list: LIST, only: ['bank'], owner: { uid: 1001, gid: 1002 } });
    const owner = (name: string): number[] => [statSync(file(name)).uid, statSync(file(name)).gid];
    for (const name of ['bank', 'bank/api.key', 'bank/service.crt']) expect(owner(name), name).toEqual([1001, 1002]);
    for (const name of [
      '',
      'fintech/web.key',
      'authority/web/intermediate.key',
      '../offline/web/root.key',
      'trust/web.pem',
    ]) {
      expect(owner(name)[0], name).toBe(0);
    }
  });

  it('is made once when two processes make it at the same time', async () => {
    const door = pathToFileURL(join(import.meta.dirname, 'ensure-pki.ts')).href;
    const program = `import { ensurePki } from '${door}';
      ensurePki({ home: '${home}', now: new Date(), report: (what) => console.log(what) });`;
    const run = () =>
      promisify(execFile)(process.execPath, [
        '--conditions=@holdfast/source',
        '--input-type=module',
        '--eval',
        program,
      ]);
    const runs = await Promise.all([run(), run()]);
    const lines = runs.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line.startsWith('made root'));
    expect(lines).toHaveLength(3);
    expect(ensure(new Date(), undefined, readPkiList())).toEqual([]);
  });

  it('can be made for some holders alone', () => {
    const made = ensure(NOW, ['bank']).filter((what) => what.startsWith('issued'));
    expect(made).toEqual(['issued bank/api', 'issued bank/service']);
  });

  it('issues what OpenSSL accepts to the letter, for its purpose and no other', () => {
    ensure();
    const verify = (trust: string, purpose: string, name: string) =>
      execFileSync(
        'openssl',
        [
          'verify',
          '-x509_strict',
          '-purpose',
          purpose,
          '-CAfile',
          file(`../offline/${trust}/root.crt`),
          '-untrusted',
          file(`authority/${trust}/intermediate.crt`),
          file(`${name}.crt`),
        ],
        { stdio: 'pipe' },
      ).toString();
    expect(verify('web', 'sslserver', 'bank/api')).toContain('OK');
    expect(verify('participants', 'sslclient', 'fintech/transport')).toContain('OK');
    expect(verify('participants', 'sslclient', 'developer/client')).toContain('OK');
    expect(verify('services', 'sslserver', 'bank/service')).toContain('OK');
    expect(verify('services', 'sslclient', 'bank/service')).toContain('OK');
    expect(() => verify('participants', 'sslclient', 'lab/wrong-eku')).toThrow();
    expect(() => verify('participants', 'sslclient', 'lab/expired')).toThrow();
    expect(() => verify('participants', 'sslclient', 'bank/api')).toThrow();
  });

  it('exports a PKCS#12 file that OpenSSL opens with the password beside it', () => {
    ensure();
    const password = read('developer/client.p12.password').trim();
    const open = (pass: string) =>
      execFileSync(
        'openssl',
        ['pkcs12', '-in', file('developer/client.p12'), '-passin', `pass:${pass}`, '-nodes', '-nokeys'],
        {
          stdio: 'pipe',
        },
      ).toString();
    expect(open(password)).toContain('BEGIN CERTIFICATE');
    expect(() => open('wrong')).toThrow();
  });
});

describe('the list', () => {
  it('has every leaf that tests use, with the same names', () => {
    const { leaves } = readPkiList();
    for (const [name, leaf] of Object.entries(LISTED_LEAVES)) {
      const listed = leaves[name];
      expect(listed, name).toBeDefined();
      expect([listed?.authority, listed?.subject, listed?.dns ?? [], listed?.uri ?? []], name).toEqual([
        leaf.domain,
        leaf.subject,
        leaf.dnsNames ?? [],
        leaf.uris ?? [],
      ]);
    }
  });
});
