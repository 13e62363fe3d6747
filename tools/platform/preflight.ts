import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import { portsOf } from './apps.ts';
import type { AppName } from './apps.ts';
import { holderOf, isPortFree } from './ports.ts';
import { PlatformTrouble } from './trouble.ts';

const OLDEST_NODE = 24;

/** @param version as `process.versions.node` */
export const isNodeOldEnough = (version: string): boolean => Number.parseInt(version, 10) >= OLDEST_NODE;

/** @throws PlatformTrouble when this Node is too old for the platform */
export function checkNode(): void {
  if (isNodeOldEnough(process.versions.node)) return;
  throw new PlatformTrouble(
    `Holdfast needs Node ${OLDEST_NODE} or newer and runs on ${process.versions.node}`,
    'Start it through npm, which brings its own Node: npm start',
  );
}

/** The ports of these apps that a start would not get. */
export async function takenPorts(
  apps: readonly AppName[],
  offset: number,
): Promise<readonly { readonly app: AppName; readonly port: number }[]> {
  const ports = apps.flatMap((app) => portsOf(app, offset).map((port) => ({ app, port })));
  const free = await Promise.all(ports.map(({ port }) => isPortFree(port)));
  return ports.filter((_, index) => !free[index]);
}

/** Who listens on a port, in words. */
export async function tellHolder(port: number): Promise<string> {
  const holder = await holderOf(port);
  return holder ? `process ${holder.pid} (${holder.command})` : 'a process this user may not look at';
}

/**
 * Every port of these apps is free, or it is told which is taken and by whom.
 * @throws PlatformTrouble
 */
export async function checkPorts(apps: readonly AppName[], offset: number): Promise<void> {
  const [first, ...others] = await takenPorts(apps, offset);
  if (!first) return;
  const by = await tellHolder(first.port);
  const rest = others.length === 0 ? '' : `; taken as well: ${others.map(({ port }) => port).join(', ')}`;
  throw new PlatformTrouble(
    `port ${first.port} (${first.app}) is taken by ${by}${rest}`,
    'Stop that process, or run beside it: npm start -- --ports 1000 --home .holdfast-beside',
  );
}

const TOLERANCE = 5 * 60_000;

/** What is newer than the clock of this machine, of our own files and certificates: then the clock is behind. */
export function aheadOfClock(home: string, now: Date): { readonly what: string; readonly at: Date } | undefined {
  const files = ['package-lock.json', 'package.json', 'nx.json'].map((name) => join(workspaceRoot, name));
  const moments = files.map((file) => ({ what: file, at: statSync(file).mtime }));
  for (const name of ['web', 'participants', 'services']) {
    const file = join(home, 'pki/trust', `${name}.pem`);
    if (existsSync(file)) moments.push({ what: `the root in ${file}`, at: notBefore(file) });
  }
  return moments.find(({ at }) => at.getTime() > now.getTime() + TOLERANCE);
}

/**
 * A clock that stands before our own files, or before our certificates, would make every handshake fail with words that do not
 * name the clock.
 * @throws PlatformTrouble
 */
export function checkClock(home: string, now: Date): void {
  const ahead = aheadOfClock(home, now);
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
