import type { z } from 'zod';
import type { HealthConfig } from '../config/schemas.ts';
import type { ProcessContext, RunningProcess } from './context.ts';

export interface ProcessDefinition<C> {
  /** Names the process in logs, audit events and error lines, and the default configuration file. */
  readonly name: string;
  /** Strict: an object that would drop an unknown key stops the boot. */
  readonly config: z.ZodType<C>;
  start(ctx: ProcessContext<C>): Promise<RunningProcess>;
  /** What `--check-health` asks; by default the configuration's own `health`. */
  health?(config: C): HealthConfig;
}

export function defineProcess<C>(definition: ProcessDefinition<C>): void {
  throw new Error(`${definition.name}: not built yet`);
}
