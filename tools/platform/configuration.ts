import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import { movePorts } from './apps.ts';
import type { AppName } from './apps.ts';

/** The folder of configurations that a person edits. */
export const localConfigurations = join(workspaceRoot, 'infra/config/local');

/** What is different in a configuration of the repository, before any port is moved; other apps as they are. */
export type Configure = (app: string, configuration: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/**
 * The folder whose `<app>.json` the processes read. Without an offset it is the one in the repository; with one, or with something
 * to change, a derived copy of all of it in the home, every port moved.
 */
export function configurationsFor(home: string, offset: number, configure?: Configure): string {
  if (offset === 0 && configure === undefined) return localConfigurations;
  const derived = join(home, 'config');
  mkdirSync(derived, { recursive: true });
  for (const name of readdirSync(localConfigurations).filter((each) => each.endsWith('.json'))) {
    const original = JSON.parse(readFileSync(join(localConfigurations, name), 'utf8')) as Record<string, unknown>;
    const configured = configure?.(name.replace(/\.json$/, ''), original) ?? original;
    writeFileSync(join(derived, name), `${JSON.stringify(movePorts(configured, offset), null, 2)}\n`);
  }
  return derived;
}

export function configurationFile(folder: string, app: AppName): string {
  return join(folder, `${app}.json`);
}
