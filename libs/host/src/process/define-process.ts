import type { z } from 'zod';
import type { HealthConfig } from '../config/schemas.ts';
import { readConfig } from '../config/read-config.ts';
import type { Arguments } from './arguments.ts';
import { readArguments } from './arguments.ts';
import { checkHealth } from './check-health.ts';
import { createContext } from './context.ts';
import type { ProcessContext, RunningProcess } from './context.ts';
import { runUntilSignalled } from './lifecycle.ts';
import { checkNodeVersion, explainStart } from './start-up-error.ts';

export interface ProcessDefinition<C> {
  /** Names the process in logs, audit events and error lines, and its default configuration file. */
  readonly name: string;
  /** Strict: a schema with an object that would drop an unknown key stops the boot. */
  readonly config: z.ZodType<C>;
  /** Builds the process. What it throws becomes one line on standard error, with a remedy. */
  start(ctx: ProcessContext<C>): Promise<RunningProcess>;
  /** What `--check-health` asks; by default the configuration's own `health`. */
  health?(config: C): HealthConfig;
  /**
   * What the program can do once instead of running, by the flag that asks for it (without its dashes). Gets the same
   * configuration and home, so it works beside the running process; answers what to print.
   */
  readonly commands?: Readonly<Record<string, (ctx: ProcessContext<C>) => Promise<string>>>;
}

/**
 * Makes the running program this process: reads `--config`, `--home`, `--log`, `--debug`, then starts it, or does what
 * `--check-config`, `--check-health` or one of its own commands ask and exits with 0 or 1. SIGTERM and SIGINT drain.
 */
export function defineProcess<C>(definition: ProcessDefinition<C>): void {
  main(definition).catch((error: unknown) => giveUp(definition.name, error));
}

async function main<C>(definition: ProcessDefinition<C>): Promise<void> {
  checkNodeVersion(process.versions.node);
  const args = readArguments(
    definition.name,
    process.argv.slice(2),
    process.stdout.isTTY,
    Object.keys(definition.commands ?? {}),
  );
  const config = readConfig(args.config, definition.config);
  await (TASKS[args.task] ?? runCommand)(definition, args, config);
}

type Task = <C>(definition: ProcessDefinition<C>, args: Arguments, config: C) => Promise<void> | void;

const TASKS: Readonly<Record<string, Task | undefined>> = {
  run: runUntilSignalled,
  'check-config': (definition, args) => {
    process.stdout.write(`${definition.name}: configuration ${args.config} is valid\n`);
    process.exit(0);
  },
  'check-health': async (definition, args, config) => {
    const target = definition.health?.(config) ?? (config as { health?: HealthConfig }).health;
    await checkHealth(target, args.home);
    process.stdout.write(`${definition.name}: ready\n`);
    process.exit(0);
  },
};

async function runCommand<C>(definition: ProcessDefinition<C>, args: Arguments, config: C): Promise<void> {
  const { name, commands = {} } = definition;
  const ctx = createContext({ name, config, home: args.home, onSecret: 'redact' });
  const said = await commands[args.task]?.(ctx);
  ctx.release();
  process.stdout.write(`${said}\n`);
  process.exit(0);
}

function giveUp(name: string, error: unknown): void {
  const { problem, remedy } = explainStart(error);
  process.stderr.write(`${name}: ${problem.replace(/\.$/, '')}. ${remedy}\n`);
  if (process.argv.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}
