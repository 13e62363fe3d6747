import type { Audit, Clock } from '@holdfast/fapi';
import type { Logger } from '../log/log.ts';
import type { Health } from './health.ts';
import type { Random } from './random.ts';

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
