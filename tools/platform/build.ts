import { stripVTControlCharacters } from 'node:util';
import { runNx } from '../command.ts';
import type { AppName } from './apps.ts';
import { PlatformTrouble } from './trouble.ts';

/**
 * Compiles these apps and what they are made of; what did not change comes from the cache of Nx.
 * @throws PlatformTrouble with the compiler's words
 */
export async function build(apps: readonly AppName[], signal?: AbortSignal): Promise<void> {
  const { code, output } = await runNx(
    ['run-many', '--target=build', `--projects=${apps.join(',')}`, '--output-style=static'],
    signal && { signal },
  );
  if (code === 0) return;
  throw new PlatformTrouble(
    `the build failed:\n${compilerWords(output)}`,
    'Mend what the compiler says, and start again.',
  );
}

/** The lines of an Nx run that say what is wrong, each with its project; all of it when none does. */
function compilerWords(output: string): string {
  const errors: string[] = [];
  let project = '';
  for (const line of stripVTControlCharacters(output).split('\n')) {
    project = /^> nx run ([\w-]+):/.exec(line)?.[1] ?? project;
    if (/error TS\d+/.test(line)) errors.push(`    ${project}  ${line}`);
  }
  return errors.length > 0 ? errors.slice(0, 20).join('\n') : output.trim();
}
