import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { PlatformTrouble } from './platform/trouble.ts';

/**
 * What a command was given.
 *
 * @param command as a person types it, such as `npm run fuzz`
 * @param config what the command understands
 * @throws PlatformTrouble naming what was not understood, and where it stands what would be
 */
export function readArguments<T extends ParseArgsConfig>(command: string, config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new PlatformTrouble(problem, `${command} -- --help tells what there is.`, { cause });
  }
}
