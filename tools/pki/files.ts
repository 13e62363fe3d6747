import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Who owns what is written; the caller when absent. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export const PRIVATE = 0o600;
export const PUBLIC = 0o644;

/**
 * Writes a file whole or not at all: readers see the old content or the new, never half of one. The mode is set before
 * there is anything to read.
 */
export function writeWhole(file: string, content: string | Buffer, mode: number, owner?: Owner): void {
  makeFolder(dirname(file), owner);
  const draft = `${file}.${process.pid}.draft`;
  try {
    writeFileSync(draft, content, { mode, flag: 'wx', flush: true });
    if (owner !== undefined) chownSync(draft, owner.uid, owner.gid);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function makeFolder(folder: string, owner: Owner | undefined): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), owner);
  mkdirSync(folder, { mode: 0o700 });
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
}
