import type { Machine } from '../trust/machine.ts';
import type { Found } from './doctor-findings.ts';

/** What is looked at. */
export interface Surroundings {
  readonly home: string;
  readonly offset: number;
  readonly now: Date;
  readonly environment: NodeJS.ProcessEnv;
  readonly machine: Machine;
  /** Addresses the system has for a name; none when it knows none. */
  readonly addressesOf: (name: string) => Promise<readonly string[]>;
}

/** Looks at one thing, changes nothing, needs no network. */
export type Check = (surroundings: Surroundings) => Promise<readonly Found[]> | readonly Found[];
