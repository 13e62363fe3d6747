import { readFileSync } from 'node:fs';
import { MAKE_THE_PKI, StartUpError } from '../process/start-up-error.ts';

/** Bytes of a secret key. */
const KEY_BYTES = 32;

/**
 * Loads a secret key that the replicas of a server share: 32 bytes in base64url, alone in a file.
 * @throws StartUpError when there is none, or it is not one; never with anything of what is in the file
 */
export function loadSecretKey(file: string): Uint8Array {
  const text = read(file).trim();
  const key = Buffer.from(text, 'base64url');
  if (key.length === KEY_BYTES && key.toString('base64url') === text) return key;
  throw new StartUpError(`${file} is no secret key of ${KEY_BYTES} bytes`, `Remove it. ${MAKE_THE_PKI}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new StartUpError(`the secret key ${file} cannot be read (${code})`, MAKE_THE_PKI);
  }
}
