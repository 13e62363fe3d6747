import { resolve } from 'node:path';
import type { Audit, Clock } from '@holdfast/fapi';
import { openAudit } from '../log/audit.ts';
import type { Logger } from '../log/log.ts';
import { createLogger } from '../log/log.ts';
import type { Health } from './health.ts';
import { ProcessHealth } from './health.ts';
import type { Random } from './random.ts';
import { systemRandom } from './random.ts';

/** What a process is given to build itself from. */
export interface ProcessContext<C> {
  readonly name: string;
  readonly config: C;
  /** Absolute path of the home directory. */
  readonly home: string;
  /** Makes a path of the configuration absolute: it is relative to the home directory. */
  path(relative: string): string;
  readonly log: Logger;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly health: Health;
  readonly random: Random;
  /** Aborted when the process starts to shut down: long-running answers and loops end themselves. */
  readonly abort: AbortSignal;
}

/** What `start` hands back. */
export interface RunningProcess {
  /** Drains and frees everything; the process exits when it resolves, or when its time is up. */
  close(): Promise<void>;
  /** URLs to announce once everything runs, to the log and to a parent process. */
  readonly ready?: readonly string[];
}

export interface ContextOptions<C> {
  readonly name: string;
  readonly config: C;
  readonly home: string;
  /** A silent one when absent. */
  readonly log?: Logger;
  /** The system's when absent; tests freeze it. */
  readonly clock?: Clock;
  readonly random?: Random;
  /** What an audit event with something secret in it does; `throw` when absent. */
  readonly onSecret?: 'throw' | 'redact';
}

/** A context together with the levers that only its owner pulls. */
export interface OwnedContext<C> extends ProcessContext<C> {
  /** Readiness red, `abort` aborted. */
  startDraining(): void;
  /** Closes the audit trail. */
  release(): void;
}

/** Makes a process's context. `defineProcess` does it for a real process; tests of an application do it for themselves. */
export function createContext<C>(options: ContextOptions<C>): OwnedContext<C> {
  const { name, config, random = systemRandom, clock = { now: () => new Date() }, onSecret = 'throw' } = options;
  const home = resolve(options.home);
  const path = (relative: string): string => resolve(home, relative);
  const log = options.log ?? createLogger({ name, level: 'silent' });
  const trail = openAudit({ file: path(`audit/${name}.jsonl`), app: name, clock, log, onSecret });
  const health = new ProcessHealth();
  const ending = new AbortController();
  const startDraining = (): void => {
    health.drain();
    ending.abort();
  };
  const { audit, close: release } = trail;
  return { name, config, home, path, log, audit, clock, health, random, abort: ending.signal, startDraining, release };
}
