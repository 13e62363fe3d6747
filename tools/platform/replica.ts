import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './app-process.ts';
import type { AppProcess, Ending } from './app-process.ts';
import type { AppName } from './apps.ts';
import { configurationFile } from './configuration.ts';
import { healthTarget } from './health-target.ts';
import { compiledMain, deathOf } from './platform.ts';
import { awaitReadiness } from './readiness.ts';
import { PlatformTrouble } from './trouble.ts';

/** One more process of an app, beside the platform's own. */
export interface Replica {
  /** Ends it with this signal and waits until it is gone; SIGTERM, which drains, when none is named. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again after {@link Replica.stop}, on the same ports. */
  start(): Promise<void>;
}

export interface ReplicaOptions {
  readonly app: AppName;
  readonly home: string;
  /** The folder of the configurations that the platform runs on. */
  readonly configurations: string;
  /** Added to the ports of its listeners, and to nothing else: issuer, targets and peers are those of the first. */
  readonly step: number;
}

const READY_WITHIN = 60_000;

/** @throws PlatformTrouble when it ends or is not ready in time */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { app, home, configurations, step } = options;
  const folder = join(home, 'config');
  mkdirSync(folder, { recursive: true });
  const name = `${app}-replica`;
  const config = join(folder, `${name}.json`);
  const original: unknown = JSON.parse(readFileSync(configurationFile(configurations, app), 'utf8'));
  writeFileSync(config, `${JSON.stringify(moveListeners(original, step), null, 2)}\n`);

  let running: AppProcess | undefined;
  const start = async (): Promise<void> => {
    running = launch({ app, name, main: compiledMain(app), config, home });
    const ending = new AbortController();
    void running.ended.then((end) => ending.abort(end));
    const asked = await awaitReadiness(healthTarget(config, home), {
      within: READY_WITHIN,
      signal: ending.signal,
    });
    if (ending.signal.aborted) throw deathOf(ending.signal.reason as Ending, home);
    if (asked.ready) return;
    await running.end('SIGKILL');
    throw new PlatformTrouble(`${name} is not ready: ${asked.answer}`, `Its log: ${join(home, 'logs', `${name}.log`)}`);
  };
  await start();
  return {
    start,
    async stop(signal = 'SIGTERM') {
      await running?.end(signal);
    },
  };
}

/** A configuration with the ports it listens on moved, and where its own health is asked for; nothing else. */
function moveListeners(value: unknown, step: number, key = ''): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, each]: [string, unknown]) => {
    if (key === 'listener' && name === 'port' && typeof each === 'number') return [name, each + step];
    if (key === 'health' && name === 'url' && typeof each === 'string') return [name, urlMoved(each, step)];
    return [name, moveListeners(each, step, name)];
  });
  return Object.fromEntries(members) as unknown;
}

function urlMoved(text: string, step: number): string {
  const url = new URL(text);
  url.port = String(Number(url.port) + step);
  return url.origin;
}
