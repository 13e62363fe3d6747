import { resolve } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import type { Ending } from './app-process.ts';
import { appNames, portsOf, urlsAt, withAuthority } from './apps.ts';
import type { AppName, PlatformUrls } from './apps.ts';
import { configurationsFor } from './configuration.ts';
import type { Configure } from './configuration.ts';
import type { LogLine } from './log-line.ts';
import { PlatformProcesses, compiledMain } from './platform.ts';
import { checkClock, checkNode, checkPorts } from './preflight.ts';
import { findRunning, forgetRunning, recordRunning } from './running.ts';
import { startReplica } from './replica.ts';
import type { Replica } from './replica.ts';
import { PlatformTrouble } from './trouble.ts';
import { ensureTrust } from './trust.ts';

export type { Ending } from './app-process.ts';
export { appNames } from './apps.ts';
export { behindProxy } from './behind-proxy.ts';
export { haproxy, nginx, startEdgeProxy } from './edge-proxy.ts';
export type { EdgeProxy, RunningProxy } from './edge-proxy.ts';
export { freeOffset } from './free-offset.ts';
export type { Configure } from './configuration.ts';
export type { AppName, PlatformUrls } from './apps.ts';
export type { LogLine, Severity } from './log-line.ts';
export type { Replica } from './replica.ts';
export { PlatformTrouble } from './trouble.ts';

export interface PlatformOptions {
  /** The folder of keys, data and logs; made when it is not there. */
  readonly home: string;
  /** Added to every port of the platform, so that several run beside each other; 1000 or more keeps clear of the default ports. */
  readonly offset?: number;
  /** Which processes to run beside the certificate authority; all when absent. */
  readonly apps?: readonly AppName[];
  /** Hears every line the processes log; all of it is in `<home>/logs/<app>.log` in any case. */
  readonly onLine?: (app: AppName, line: LogLine) => void;
  /** Hears of a process that ended by itself. */
  readonly onDeath?: (ending: Ending) => void;
  /** Milliseconds until each process must be ready; a minute when absent. */
  readonly readyWithin?: number;
  /** What is different from the configurations in the repository. */
  readonly configure?: Configure;
}

/** A running platform, as a test or a script drives it. */
export interface Platform {
  readonly home: string;
  readonly urls: PlatformUrls;
  pidOf(app: AppName): number | undefined;
  /** Ends one process and waits until it is gone; SIGKILL when no signal is named. */
  kill(app: AppName, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a process that is not running, and waits until it is ready. */
  start(app: AppName): Promise<void>;
  /** Drains a process, starts it again on the same configuration and data, and waits until it is ready. */
  restart(app: AppName): Promise<void>;
  /**
   * Starts one more process of an app beside the platform's own: same home, same names, its listeners `step` ports further.
   * Whoever starts it stops it.
   */
  startReplica(app: AppName, step: number): Promise<Replica>;
  /** Stops everything; afterwards no process is left and every port is free. */
  stop(): Promise<void>;
}

/** Everything that must hold before the first process starts: Node, ports, clock, nobody else in this home. */
export async function preflight(options: PlatformOptions): Promise<void> {
  checkNode();
  const home = absolute(options.home);
  const other = await findRunning(home);
  if (other) {
    throw new PlatformTrouble(
      `the platform runs already in this home (process ${other.pid}, ${other.urls.fintech})`,
      'Stop it there with Ctrl-C, or run another beside it: npm start -- --ports 1000 --home .holdfast-beside',
    );
  }
  checkClock(home, new Date());
  await checkPorts(withAuthority(options.apps ?? appNames), options.offset ?? 0);
}

/** The processes of a platform, none of them started: configurations derived, the record of the run written. */
export function planProcesses(options: PlatformOptions): PlatformProcesses {
  const { offset = 0, readyWithin = 60_000 } = options;
  const apps = withAuthority(options.apps ?? appNames);
  const home = absolute(options.home);
  const configurations = configurationsFor(home, offset, options.configure);
  recordRunning(home, {
    pid: process.pid,
    offset,
    ports: apps.flatMap((app) => portsOf(app, offset)),
    urls: urlsAt(offset),
    configurations,
  });
  return new PlatformProcesses({
    ...options,
    home,
    apps,
    readyWithin,
    configurations,
    mainOf: compiledMain,
  });
}

/**
 * Starts the platform from its compiled apps: preflight, keys and certificates, then every process in health-gated order.
 * @throws PlatformTrouble; nothing is left running then
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { offset = 0 } = options;
  const home = absolute(options.home);
  await preflight(options);
  ensureTrust(home);
  const processes = planProcesses(options);
  const stop = async (): Promise<void> => {
    await processes.stop();
    forgetRunning(home);
  };
  try {
    await processes.startAll();
  } catch (trouble) {
    await stop();
    throw trouble;
  }
  return {
    home,
    urls: urlsAt(offset),
    pidOf: (app) => processes.pidOf(app),
    kill: (app, signal) => processes.kill(app, signal),
    start: (app) => processes.start(app),
    async restart(app) {
      await processes.kill(app, 'SIGTERM');
      await processes.start(app);
    },
    startReplica: (app, step) =>
      startReplica({ app, home, step, configurations: configurationsFor(home, offset, options.configure) }),
    stop,
  };
}

function absolute(home: string): string {
  return resolve(workspaceRoot, home);
}
