import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { appNames } from '../platform/apps.ts';
import { workspaceRoot } from '../workspace.ts';
import { git, trackedFiles } from './tracked-files.ts';

// P24 of docs/attacks.md, as far as it can be read: no key comes with the repository, and no process is handed an authority's.
const KEY_FILE = /\.(key|p12|pfx|jks|keystore|der)$/;

describe('P24, a private key', () => {
  it('is in no file of the repository, nor was it ever', () => {
    expect(
      trackedFiles()
        .filter(({ name }) => KEY_FILE.test(name))
        .map(({ name }) => name),
    ).toEqual([]);
    const added = git('log', '--all', '--diff-filter=A', '--name-only', '--format=');
    expect(added.filter((name) => KEY_FILE.test(name))).toEqual([]);
  });

  it('is in no text of the repository: what looks like one opens nothing', () => {
    const found = trackedFiles().filter(({ text }) => keysIn(text) > 0);
    expect(found.map(({ name }) => name)).toEqual([]);
  });

  it('is in no output of a build', () => {
    const outputs = globSync('{apps,libs}/*/{dist,out-tsc}/**/*.{js,map,json,css}', { cwd: workspaceRoot });
    expect(outputs.filter((file) => keysIn(readFileSync(join(workspaceRoot, file), 'utf8')) > 0)).toEqual([]);
  });

  it('would be found', () => {
    const { privateKey } = generate();
    expect(keysIn(`const key = "${privateKey.replaceAll('\n', '\\n')}";`)).toBe(1);
    expect(keysIn(privateKey)).toBe(1);
  });
});

describe.each(['local', 'compose'])('P24, the configuration %s', (set) => {
  const folder = join(workspaceRoot, 'infra/config', set);

  it.each(appNames)('names to %s keys of its own alone, and no authority’s', (app) => {
    const text = readFileSync(join(folder, `${app}.json`), 'utf8');
    const named = [...text.matchAll(/"(pki\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(1);
    const foreign = named.filter((path) => !path.startsWith(`pki/${app}/`) && !/^pki\/trust(\/|$)/.test(path));
    expect(foreign).toEqual([]);
  });
});

describe('P24, in the containers', () => {
  interface Mount {
    readonly source?: string;
    readonly target?: string;
    readonly volume?: { readonly subpath?: string };
  }
  interface Service {
    readonly volumes?: readonly (string | Mount)[];
    readonly network_mode?: string;
    readonly restart?: string;
  }
  const compose = readFileSync(join(workspaceRoot, 'infra/compose/compose.yaml'), 'utf8');
  const { services } = parse(compose, { merge: true }) as { services: Record<string, Service> };
  const mountsOf = ({ volumes = [] }: Service): readonly Mount[] =>
    volumes.map((each) => (typeof each === 'string' ? mountIn(each) : each));

  const holdersOf = (volume: string): readonly string[] =>
    Object.keys(services).filter((name) => mountsOf(services[name] ?? {}).some(({ source }) => source === volume));

  it('the volumes of the authorities’ keys are mounted by what makes them, which has no network and ends, and by what issues', () => {
    expect(services['pki']).toMatchObject({ network_mode: 'none', restart: 'no' });
    expect(holdersOf('authority')).toContain('pki');
    const strangers = holdersOf('authority').filter((name) => !['pki', 'certificate-authority'].includes(name));
    expect(strangers).toEqual([]);
    // The roots: by nobody who runs.
    expect(holdersOf('offline').filter((name) => name !== 'pki')).toEqual([]);
  });

  it('the whole PKI is mounted by nothing that goes on running', () => {
    const whole = Object.values(services).filter((service) =>
      mountsOf(service).some(({ source, volume }) => source === 'pki' && volume?.subpath === undefined),
    );
    expect(whole.length).toBeGreaterThan(0);
    for (const { restart } of whole) expect(restart).toBe('no');
  });

  it.each(appNames.filter((app) => app in services))(
    '%s mounts of the PKI its own folder and the trust alone',
    (app) => {
      const mounted = mountsOf(services[app] ?? {}).filter(({ source }) => source === 'pki');
      expect(mounted.map(({ volume }) => volume?.subpath).toSorted()).toEqual([app, 'trust'].toSorted());
    },
  );
});

/** How many private keys a text holds that can really be used, also inside a string of code. */
function keysIn(text: string): number {
  const blocks = text
    .replaceAll('\\n', '\n')
    .match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----/g);
  return (blocks ?? []).filter((pem) => isUsable(pem)).length;
}

function isUsable(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false;
  }
}

function generate(): { privateKey: string } {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function mountIn(short: string): { source: string; target: string } {
  const [source = '', target = ''] = short.split(':');
  return { source, target };
}
