import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { workspaceRoot } from '../workspace.ts';
import { appNames, apps } from './apps.ts';
import type { AppName } from './apps.ts';

/** What the containers' configuration of an app says otherwise than the one without containers: path, value there, value here. */
type Differences = readonly (readonly [path: string, local: unknown, compose: unknown])[];

const names: Differences = [['names', 'loopback', 'dns']];
const listens = (...doors: readonly string[]): Differences =>
  doors.map((door) => [`${door}listener.host`, '127.0.0.1', '0.0.0.0'] as const);

/** The embedded store becomes a database of its own, as a user of its own, over verified TLS. */
function store(app: AppName): Differences {
  const name = app.replaceAll('-', '_');
  return [
    ['store.engine', 'sqlite', 'postgres'],
    ['store.file', `data/${app}.sqlite`, undefined],
    ['store.host', undefined, 'database'],
    ['store.port', undefined, 5432],
    ['store.database', undefined, name],
    ['store.user', undefined, name],
    ['store.passwordFile', undefined, `pki/${app}/database.password`],
    ['store.serverCa', undefined, 'pki/trust/services.pem'],
  ];
}

const expected: Readonly<Record<AppName, Differences>> = {
  'certificate-authority': [...names, ...listens('https.', 'rpc.'), ...store('certificate-authority')],
  'authorization-server': [
    ...names,
    ...listens('browser.', 'mtls.', 'rpc.'),
    ...store('authorization-server'),
    // A test suite beside the platform has a private address there.
    ['notifications.inside.0', undefined, 'suite.localhost'],
  ],
  bank: [...names, ...listens('api.', 'rpc.'), ...store('bank')],
  fintech: [...names, ...listens('web.'), ...store('fintech')],
  lab: [
    ...names,
    ...listens(''),
    // There the operator is outside of the container.
    ['operator.0', 'node', undefined],
    ['operator.1', 'tools/pki.mjs', undefined],
    ['rpc.accountDirectory.address', '127.0.0.1:9545', 'rpc.bank.localhost:9545'],
    ['rpc.tokenStatus.address', '127.0.0.1:9445', 'rpc.auth.localhost:9445'],
  ],
};

interface Service {
  readonly ports?: readonly string[];
}

describe('the platform in containers', () => {
  const { services } = parse(readText('infra/compose/compose.yaml')) as { services: Record<string, Service> };

  it('publishes nothing beyond the loopback of this machine, and no internal port', () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    const outward = appNames.flatMap((name) => Object.entries(apps[name].ports).filter(([door]) => door !== 'rpc'));
    expect(published.toSorted()).toEqual(outward.map(([, port]) => `127.0.0.1:${port}:${port}`).toSorted());
  });

  it('publishes the same ports behind a proxy, two of them as the proxy’s', () => {
    const overlay = parse(readText('infra/compose/compose.proxied.yaml'), { logLevel: 'error' }) as {
      services: Record<string, Service>;
    };
    const portsOf = (name: string): readonly string[] => overlay.services[name]?.ports ?? services[name]?.ports ?? [];
    const names = new Set([...Object.keys(services), ...Object.keys(overlay.services)]);
    const outward = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect([...names].flatMap(portsOf).toSorted()).toEqual(outward.toSorted());
    expect(portsOf('edge-proxy')).toEqual(['mtls', 'api'].map((door) => doorOf(door)));
  });

  it('puts HAProxy where nginx was, and changes nothing else', () => {
    const overlay = parse(readText('infra/compose/compose.haproxy.yaml'), { logLevel: 'error' }) as {
      services: Record<string, Service>;
    };
    expect(Object.keys(overlay)).toEqual(['services']);
    expect(Object.keys(overlay.services)).toEqual(['edge-proxy']);
    for (const kept of ['ports', 'networks', 'read_only', 'cap_drop', 'security_opt', 'depends_on'])
      expect(overlay.services['edge-proxy']).not.toHaveProperty(kept);
  });

  it.each(appNames)('is configured as without them, but for what a network changes: %s', (app) => {
    const [local, compose] = ['local', 'compose'].map((set) => valuesOf(readText(`infra/config/${set}/${app}.json`)));
    expect(differences(local ?? {}, compose ?? {})).toEqual(expected[app].toSorted(byPath));
  });
});

function doorOf(door: string): string {
  const port = { ...apps['authorization-server'].ports, ...apps.bank.ports }[door as 'mtls' | 'api'];
  return `127.0.0.1:${port}:${port}`;
}

function readText(file: string): string {
  return readFileSync(join(workspaceRoot, file), 'utf8');
}

type Values = Readonly<Record<string, unknown>>;

/** Every value of a JSON document by its path. */
function valuesOf(text: string): Values {
  const flat = (value: unknown, path: string): readonly (readonly [string, unknown])[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, each]) => flat(each, path === '' ? name : `${path}.${name}`))
      : [[path, value]];
  return Object.fromEntries(flat(JSON.parse(text), ''));
}

function differences(local: Values, compose: Values): Differences {
  return Object.keys({ ...local, ...compose })
    .filter((path) => local[path] !== compose[path])
    .map((path) => [path, local[path], compose[path]] as const)
    .toSorted(byPath);
}

function byPath([one]: Differences[number], [other]: Differences[number]): number {
  return one < other ? -1 : 1;
}
