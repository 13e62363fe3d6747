import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';

export interface TrackedFile {
  /** From the root of the repository, with slashes. */
  readonly name: string;
  readonly text: string;
}

/** What somebody who clones the repository gets, and what is about to be: tracked or new, and not ignored. */
export function trackedFiles(): readonly TrackedFile[] {
  return git('ls-files', '--cached', '--others', '--exclude-standard')
    .filter((name) => existsSync(join(workspaceRoot, name)))
    .map((name) => ({ name, text: readFileSync(join(workspaceRoot, name), 'utf8') }));
}

/** The lines of a git command's answer. */
export function git(...args: string[]): readonly string[] {
  const options = { cwd: workspaceRoot, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
  return execFileSync('git', args, options)
    .split('\n')
    .filter((line) => line !== '');
}
