import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';

/** Who owns what is written; the caller when absent. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export const PRIVATE = 0o600;
export const PUBLIC = 0o644;
/** A folder others may pass through, on their way to what is public or theirs. */
export const PASSAGE = 0o755;
export const CLOSED = 0o700;

/**
 * Writes a file whole or not at all: readers see the old content or the new, never half of one. Mode and owner are set
 * before anybody can see it under its name.
 */
export function writeWhole(file: string, content: string | Buffer, mode: number, owner?: Owner): void {
  makeFolder(dirname(file), CLOSED, owner);
  // A command and the certificate authority may write the same list at once: each has a draft of its own.
  const draft = `${file}.${process.pid}.draft`;
  // What a crashed run of this number left behind; `wx` below then makes the file ours, whatever its mode had been.
  rmSync(draft, { force: true });
  writeFileSync(draft, content, { mode, flag: 'wx', flush: true });
  if (owner !== undefined) chownSync(draft, owner.uid, owner.gid);
  renameSync(draft, file);
}

/** Makes a folder with this mode; one that is there keeps the mode somebody gave it. */
export function makeFolder(folder: string, mode: number, owner?: Owner): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, mode);
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
}

/** Hands a folder and the files in it over, also those of an earlier run for somebody else. */
export function handOver(folder: string, owner: Owner): void {
  for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) {
    const { uid, gid } = statSync(path);
    if (uid !== owner.uid || gid !== owner.gid) chownSync(path, owner.uid, owner.gid);
  }
}

/**
 * Older than this, a lock belongs to a run that is no more. Milliseconds; a first run makes some twenty RSA keys, which
 * takes seconds.
 */
const LOCK_ENDS = 60_000;

/**
 * Runs `work` while no other process does the same in this folder: two first runs at once would leave certificates of one
 * root beside the trust in another.
 */
export function exclusively(folder: string, work: () => void): void {
  const lock = join(folder, '.lock');
  const patience = Date.now() + 2 * LOCK_ENDS;
  while (!take(lock)) {
    if (Date.now() > patience) throw new MtlsConfigError(`${lock} does not go away`, `remove it: rm ${lock}`);
    if (ageOf(lock) > LOCK_ENDS) rmSync(lock, { force: true });
    else sleep(50);
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', PRIVATE));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function ageOf(lock: string): number {
  const stat = statSync(lock, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs;
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
