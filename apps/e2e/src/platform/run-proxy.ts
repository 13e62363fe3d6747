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
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { World } from './global-setup.ts';

const source = fileURLToPath(new URL('../../../../infra/proxy', import.meta.url));
const NGINX_SCRIPTS = '/usr/lib/nginx/modules/ngx_http_js_module.so';

/** A proxy of `infra/proxy`: what this machine has to have for it, and how it is started in a folder. */
interface Kind {
  readonly missing: () => string | undefined;
  readonly configuration: string;
  readonly command: (folder: string) => readonly [string, ...string[]];
}

/** Both are run with the script that has them read replaced certificates anew. */
const following = (signal: 'HUP' | 'USR2') => ['sh', join(source, 'follow-renewals.sh'), signal] as const;

const nginx = (configuration: string): Kind => ({
  missing: () => missingProgram('nginx') ?? (existsSync(NGINX_SCRIPTS) ? undefined : `there is no ${NGINX_SCRIPTS}`),
  configuration,
  command: (folder) => [...following('HUP'), 'nginx', '-p', folder, '-c', 'nginx.conf', '-g', 'daemon off;'],
});

const haproxy = (configuration: string): Kind => ({
  missing: () => missingProgram('haproxy'),
  configuration,
  command: (folder) => [...following('USR2'), 'haproxy', '-W', '-C', folder, '-f', 'haproxy.cfg'],
});

const KINDS = {
  nginx: nginx('nginx.conf'),
  HAProxy: haproxy('haproxy.cfg'),
  // The control group.
  'naive nginx': nginx('naive/nginx.conf'),
  'naive HAProxy': haproxy('naive/haproxy.cfg'),
} as const satisfies Record<string, Kind>;

export type ProxyName = keyof typeof KINDS;

/** Why a proxy cannot run on this machine; undefined when it can. */
export const whyNot = (name: ProxyName): string | undefined => KINDS[name].missing();

// Debian keeps servers in a folder that is not in a plain user's path.
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin` };

function missingProgram(program: string): string | undefined {
  return spawnSync(program, ['-v'], { env }).error === undefined ? undefined : `${program} is not installed`;
}

export interface RunningProxy {
  stop(): Promise<void>;
}

/**
 * Starts a proxy with the configuration of the repository in front of a platform that was started `behindProxy`: on the ports of its
 * public names, as a plain user, in a folder of its own. Only addresses are changed.
 */
export async function runProxy(name: ProxyName, { home, urls }: World): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-proxy-'));
  const { configuration, command } = KINDS[name];
  mkdirSync(join(folder, 'tmp'));
  symlinkSync(join(home, 'pki'), join(folder, 'pki'));
  for (const script of ['client-cert.js', 'client-cert-chain.lua']) cpSync(join(source, script), join(folder, script));
  const offset = Number(new URL(urls.bank).port) - 9543;
  const text = atOffset(readFileSync(join(source, configuration), 'utf8'), offset);
  writeFileSync(join(folder, configuration.replace(/^.*\//, '')), text);
  const log = join(folder, 'log');
  const output = openSync(log, 'a');
  const [program, ...args] = command(folder);
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', output, output] });
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const port of [9444, 9543]) await listening(port + offset, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

const BACKENDS = /\brpc\.(?:auth|bank)\.localhost:(9446|9546)\b/g;
const DOORS = /\*:(9444|9543)\b/g;

/** The configuration with its ports moved as the platform's are, everything on loopback. */
function atOffset(text: string, offset: number): string {
  const moved = (_: string, port: string): string => `127.0.0.1:${Number(port) + offset}`;
  for (const addresses of [BACKENDS, DOORS])
    if (text.match(addresses)?.length !== 2) throw new Error(`not two of ${addresses.source} in the configuration`);
  return text.replace(BACKENDS, moved).replace(DOORS, moved);
}

async function listening(port: number, child: ChildProcess, log: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) break;
    if (await accepts(port)) return;
    await sleep(50);
  }
  throw new Error(`the proxy does not listen on ${port}: ${readFileSync(log, 'utf8')}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
