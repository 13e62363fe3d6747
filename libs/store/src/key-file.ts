import { existsSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from './store-error.ts';

const KEY_BYTES = 32;
const ENCODED = /^[A-Za-z0-9_-]{43}$/;

/**
 * Reads a key that seals what rests in a store: 32 bytes in base64url, in a file of its owner alone.
 *
 * @param file absolute path
 * @param remedy what the operator should do when the file is missing or damaged, one line
 * @throws StoreError when there is none, others may read it, or it holds something else
 */
export function readSealingKey(file: string, remedy: string): Buffer {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new StoreError(`there is no ${file}`, remedy);
  if ((stat.mode & 0o077) !== 0) throw new StoreError(`${file} can be read by other users`, `Run: chmod 600 ${file}`);
  const text = readFileSync(file, 'utf8').trim();
  if (!ENCODED.test(text)) throw new StoreError(`${file} does not hold a key`, remedy);
  return Buffer.from(text, 'base64url');
}

/**
 * Makes such a file when it is not there. A whole file appears under the name or none: of two processes that start together
 * one wins, and the other reads a key that is complete.
 */
export function makeSealingKey(file: string, random: { bytes(count: number): Buffer }): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${random.bytes(6).toString('hex')}`;
  writeFileSync(draft, `${random.bytes(KEY_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
}
