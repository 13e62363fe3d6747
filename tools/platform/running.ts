import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localConfigurations } from './configuration.ts';
import { isPortFree } from './ports.ts';
import type { PlatformUrls } from './apps.ts';

/** What a running platform leaves in its home, so that others find it: who runs it, and where it listens. */
export interface RunRecord {
  readonly pid: number;
  readonly offset: number;
  readonly ports: readonly number[];
  readonly urls: PlatformUrls;
  /** Folder of the configurations it was started with; whoever acts beside it reads these, and writes none. */
  readonly configurations: string;
}

const recordIn = (home: string): string => join(home, 'running.json');

export function recordRunning(home: string, record: RunRecord): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(recordIn(home), `${JSON.stringify(record, null, 2)}\n`);
}

export function forgetRunning(home: string): void {
  rmSync(recordIn(home), { force: true });
}

/**
 * The platform that runs in this home, or undefined. A record alone proves nothing, for its writer may have been killed and its
 * process id given to another: the process must live and one of its ports be taken.
 */
export async function findRunning(home: string): Promise<RunRecord | undefined> {
  const record = readRecord(home);
  if (!record || !isAlive(record.pid)) return undefined;
  for (const port of record.ports) if (!(await isPortFree(port))) return record;
  return undefined;
}

/** Where the configurations of a home are: those that run, or those that would. */
export const configurationsOf = (running: RunRecord | undefined): string =>
  running?.configurations ?? localConfigurations;

/** Whether somebody has left a record here; see `findRunning` for what it is worth. */
export const hasRecord = (home: string): boolean => existsSync(recordIn(home));

function readRecord(home: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordIn(home), 'utf8')) as RunRecord;
  } catch {
    return undefined; // Nothing there, or torn by a kill: nobody runs who wrote it.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
