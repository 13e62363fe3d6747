import { globSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runPinnedCommand } from '../command.ts';
import { workspaceRoot } from '../workspace.ts';
import type { AppName } from './apps.ts';
import { PlatformTrouble } from './trouble.ts';

const SHOWN_ERRORS = 20;

/**
 * Compiles these apps and what they are made of, as far as they have changed. By the compiler itself: Nx removes a folder before it
 * lays there what its cache has, and a platform that runs beside this would find its own modules gone.
 * @throws PlatformTrouble with the compiler's words
 */
export async function build(apps: readonly AppName[], signal?: AbortSignal): Promise<void> {
  const began = new Date();
  const projects = apps.map((app) => `apps/${app}/tsconfig.app.json`);
  const { code, output } = await runPinnedCommand('tsc', ['--build', ...projects], signal && { signal });
  dateRecords(began);
  if (code === 0) return;
  throw new PlatformTrouble(
    `the build failed:\n${compilerWords(output)}`,
    'Mend what the compiler says, and start again.',
  );
}

/** The compiler goes by the time of its records: a source saved while it ran counts as newer than what came of it. */
function dateRecords(began: Date): void {
  for (const record of globSync('{apps,libs}/*/dist/*.tsbuildinfo', { cwd: workspaceRoot })) {
    const file = join(workspaceRoot, record);
    if (statSync(file).mtime > began) utimesSync(file, began, began);
  }
}

/** The lines that say what is wrong, each with its file; all of it when none does. */
function compilerWords(output: string): string {
  const lines = stripVTControlCharacters(output).trim().split('\n');
  const errors = lines.filter((line) => /error TS\d+/.test(line));
  return errors.length > 0
    ? errors
        .slice(0, SHOWN_ERRORS)
        .map((line) => `    ${line}`)
        .join('\n')
    : output.trim();
}
