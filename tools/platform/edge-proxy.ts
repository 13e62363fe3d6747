import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workspaceRoot } from '../workspace.ts';
import { apps } from './apps.ts';
import { PlatformTrouble } from './trouble.ts';

const source = join(workspaceRoot, 'infra/proxy');
const NGINX_SCRIPTS = '/usr/lib/nginx/modules/ngx_http_js_module.so';

/** A proxy that ends the TLS of clients with certificates: what a machine has to have for it, and how it is started in a folder. */
export interface EdgeProxy {
  /** What is not there, and the Debian packages that bring it; nothing when it can run. */
  readonly missing: () => string | undefined;
  readonly packages: string;
  /** Its file below `infra/proxy`. */
  readonly configuration: string;
  readonly command: (folder: string) => readonly [string, ...string[]];
}

/** Both are run with the script that has them read replaced certificates anew, their own and those of whom they trust. */
const following = (signal: 'HUP' | 'USR2') =>
  ['sh', join(source, '../follow-renewals.sh'), signal, 'pki/edge-proxy', 'pki/trust', '--'] as const;

export const nginx = (configuration = 'nginx.conf'): EdgeProxy => ({
  missing: () => missingProgram('nginx') ?? (existsSync(NGINX_SCRIPTS) ? undefined : `there is no ${NGINX_SCRIPTS}`),
  packages: 'nginx-light libnginx-mod-http-js',
  configuration,
  command: (folder) => [...following('HUP'), 'nginx', '-p', folder, '-c', 'nginx.conf', '-g', 'daemon off;'],
});

export const haproxy = (configuration = 'haproxy.cfg'): EdgeProxy => ({
  missing: () => missingProgram('haproxy'),
  packages: 'haproxy',
  configuration,
  command: (folder) => [...following('USR2'), 'haproxy', '-W', '-C', folder, '-f', 'haproxy.cfg'],
});

export const EDGE_PROXIES = { nginx: nginx(), haproxy: haproxy() } as const satisfies Record<string, EdgeProxy>;

export type EdgeProxyName = keyof typeof EDGE_PROXIES;

// Debian keeps servers in a folder that is not in a plain user's path.
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin` };

function missingProgram(program: string): string | undefined {
  return spawnSync(program, ['-v'], { env }).error === undefined ? undefined : `${program} is not installed`;
}

/** @throws PlatformTrouble saying what to install */
export function checkEdgeProxy(proxy: EdgeProxy): void {
  const missing = proxy.missing();
  if (missing !== undefined) throw new PlatformTrouble(missing, `Debian: sudo apt-get install ${proxy.packages}`);
}

export interface RunningProxy {
  /** Settles when it is gone, with the last words of its log; never rejects. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a proxy with the configuration of the repository in front of a platform that was configured `behindProxy`: on the ports of
 * its public names, in a folder of its own. Only addresses are changed.
 * @param log where it writes what it has to say; a file that goes with it when absent
 * @throws PlatformTrouble when it does not come up; nothing is left running then
 */
export async function startEdgeProxy(
  proxy: EdgeProxy,
  { home, offset, log }: { readonly home: string; readonly offset: number; readonly log?: string },
): Promise<RunningProxy> {
  checkEdgeProxy(proxy);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-proxy-'));
  mkdirSync(join(folder, 'tmp'));
  symlinkSync(join(home, 'pki'), join(folder, 'pki'));
  for (const script of ['client-cert.js', 'client-cert-chain.lua']) cpSync(join(source, script), join(folder, script));
  const text = atOffset(readFileSync(join(source, proxy.configuration), 'utf8'), offset);
  writeFileSync(join(folder, basename(proxy.configuration)), text);

  const words = log ?? join(folder, 'log');
  const output = openSync(words, 'a');
  const [program, ...args] = proxy.command(folder);
  // A group of its own: Ctrl-C reaches only us, and we stop it in its turn.
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', output, output], detached: true });
  const lastWords = (): string => readFileSync(words, 'utf8').split('\n').slice(-10).join('\n').trim();
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', () => resolve(lastWords()));
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const port of DOORS) {
    if (await listens(port + offset, child)) continue;
    const said = lastWords();
    await stop();
    throw new PlatformTrouble(`the proxy does not listen on ${port + offset}`, `It said: ${said || 'nothing'}`);
  }
  return { ended, stop };
}

const DOORS = [apps['authorization-server'].ports.mtls, apps.bank.ports.api];
const BEHIND = [apps['authorization-server'].portBehindProxy, apps.bank.portBehindProxy];
const doors = new RegExp(`\\*:(${DOORS.join('|')})\\b`, 'g');
const backends = new RegExp(`\\brpc\\.(?:auth|bank)\\.localhost:(${BEHIND.join('|')})\\b`, 'g');

/** The configuration with its ports moved as the platform's are, everything on loopback. */
function atOffset(text: string, offset: number): string {
  const moved = (_: string, port: string): string => `127.0.0.1:${Number(port) + offset}`;
  for (const addresses of [backends, doors])
    if (text.match(addresses)?.length !== 2) throw new Error(`not two of ${addresses.source} in the configuration`);
  return text.replace(backends, moved).replace(doors, moved);
}

/** Milliseconds a proxy may take until it listens. */
const COMES_UP_WITHIN = 5_000;

async function listens(port: number, child: ChildProcess): Promise<boolean> {
  const patience = performance.now() + COMES_UP_WITHIN;
  while (child.exitCode === null && performance.now() < patience) {
    if (await accepts(port)) return true;
    await sleep(50);
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
