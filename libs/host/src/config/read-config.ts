import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { StartUpError } from '../process/start-up-error.ts';
import { allowedKeys, looseObjects } from './allowed-keys.ts';

/**
 * Reads a configuration file strictly: every key known, every value of its type, nothing filled in by guess.
 * @throws StartUpError with the path of what is wrong and what would be right
 */
export function readConfig<C>(file: string, schema: z.ZodType<C>): C {
  const loose = looseObjects(schema);
  if (loose.length > 0)
    throw new StartUpError(
      `the configuration schema drops unknown keys at ${loose.join(', ')}`,
      'Use z.strictObject there.',
    );
  const result = schema.safeParse(parse(file));
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => describe(issue, schema));
  throw new StartUpError(`configuration ${file}: ${problems.join('; ')}`, 'Correct the file and start again.');
}

function parse(file: string): unknown {
  const remedy = 'Name another file with --config, or put it there.';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StartUpError(`configuration ${file} cannot be read (${codeOf(cause)})`, remedy, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new StartUpError(`configuration ${file} is not JSON: ${detail}`, 'Correct the file.', { cause });
  }
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  const where = issue.path.length === 0 ? 'at the top' : issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return `${where}: ${issue.message}`;
  const keys = issue.keys.map((key) => `"${key}"`).join(', ');
  return `${where}: unknown key ${keys}, allowed are ${allowedKeys(schema, issue.path).join(', ')}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
