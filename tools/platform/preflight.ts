import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import { portsOf } from './apps.ts';
import type { AppName } from './apps.ts';
import { holderOf, isPortFree } from './ports.ts';
import { PlatformTrouble } from './trouble.ts';

const OLDEST_NODE = 24;

/** @throws PlatformTrouble when this Node is too old for the platform */
export function checkNode(): void {
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) return;
  throw new PlatformTrouble(
    `Holdfast needs Node ${OLDEST_NODE} or newer and runs on ${process.versions.node}`,
    'Start it through npm, which brings its own Node: npm start',
  );
}

/**
 * Every port of these apps is free, or it is told which is taken and by whom.
 * @throws PlatformTrouble
 */
export async function checkPorts(apps: readonly AppName[], offset: number): Promise<void> {
  const ports = apps.flatMap((app) => portsOf(app, offset).map((port) => ({ app, port })));
  const free = await Promise.all(ports.map(({ port }) => isPortFree(port)));
  const [first, ...others] = ports.filter((_, index) => !free[index]);
  if (!first) return;
  const holder = await holderOf(first.port);
  const by = holder ? `process ${holder.pid} (${holder.command})` : 'a process this user may not look at';
  const rest = others.length === 0 ? '' : `; taken as well: ${others.map(({ port }) => port).join(', ')}`;
  throw new PlatformTrouble(
    `port ${first.port} (${first.app}) is taken by ${by}${rest}`,
    'Stop that process, or run beside it: npm start -- --ports 1000 --home .holdfast-beside',
  );
}

const TOLERANCE = 5 * 60_000;

/**
 * A clock that stands before our own files, or before our certificates, would make every handshake fail with words that do not
 * name the clock.
 * @throws PlatformTrouble
 */
export function checkClock(home: string, now: Date): void {
  const files = ['package-lock.json', 'package.json', 'nx.json'].map((name) => join(workspaceRoot, name));
  const moments = files.map((file) => ({ what: file, at: statSync(file).mtime }));
  for (const name of ['web', 'participants', 'services']) {
    const file = join(home, 'pki/trust', `${name}.pem`);
    if (existsSync(file)) moments.push({ what: `the root in ${file}`, at: notBefore(file) });
  }
  const ahead = moments.find(({ at }) => at.getTime() > now.getTime() + TOLERANCE);
  if (!ahead) return;
  throw new PlatformTrouble(
    `the clock of this machine says ${now.toISOString()}, but ${ahead.what} is from ${ahead.at.toISOString()}`,
    'Set the clock. If it is right now and was wrong before, start afresh: npm run reset',
  );
}

function notBefore(bundle: string): Date {
  try {
    return new X509Certificate(readFileSync(bundle)).validFromDate;
  } catch (cause) {
    throw new PlatformTrouble(`${bundle} holds no certificate`, 'Start afresh: npm run reset', { cause });
  }
}
