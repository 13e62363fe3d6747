import { MtlsConfigError } from '@holdfast/mtls';
import { ensureDirectory } from '../directory/ensure-directory.ts';
import { ensurePki } from '@holdfast/pki';
import { ensureTestClients } from '../test-clients/ensure-test-clients.ts';
import { PlatformTrouble } from './trouble.ts';

/**
 * Makes what is missing of keys and certificates in a home, and renews what ends soon. What a process enrols for is none of it.
 * @param now the clock
 * @returns what was made or renewed, in words
 * @throws PlatformTrouble when what is there is half of something
 */
export function ensureTrust(home: string, now = new Date()): readonly string[] {
  const done: string[] = [];
  try {
    const asked = { home, now, report: (what: string) => done.push(what) };
    ensurePki(asked);
    ensureTestClients(asked);
    ensureDirectory(asked);
  } catch (cause) {
    if (!(cause instanceof MtlsConfigError)) throw cause;
    throw new PlatformTrouble(cause.message, cause.remedy, { cause });
  }
  return done;
}
