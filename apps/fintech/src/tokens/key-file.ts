import { existsSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartUpError } from '@holdfast/host';

const KEY_BYTES = 32;
const ENCODED = /^[A-Za-z0-9_-]{43}$/;

/**
 * Reads the key of the stored tokens, or makes it on the first start. The file belongs to its owner alone (0600).
 *
 * @param file absolute path
 * @throws StartUpError when the file is readable by others or holds something else
 */
export function loadOrMakeKey(file: string, random: { bytes(count: number): Buffer }): Buffer {
  makeOnce(file, random);
  if ((statSync(file).mode & 0o077) !== 0)
    throw new StartUpError(`${file} can be read by other users`, `Run: chmod 600 ${file}`);
  const text = readFileSync(file, 'utf8').trim();
  if (!ENCODED.test(text))
    throw new StartUpError(
      `${file} does not hold a key`,
      'Restore it from a backup; or delete it together with the database, and link the bank again.',
    );
  return Buffer.from(text, 'base64url');
}

/**
 * A whole file appears under the name or none: of two processes that start together one wins, and the other reads a key
 * that is complete.
 */
function makeOnce(file: string, random: { bytes(count: number): Buffer }): void {
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
