import { MtlsConfigError } from '@holdfast/mtls';
import { ensurePki } from '../pki/index.ts';
import { PlatformTrouble } from './trouble.ts';

/**
 * Makes what is missing of keys and certificates in a home, and renews what ends soon.
 * @returns what was made or renewed, in words
 * @throws PlatformTrouble when what is there cannot be completed
 */
export function ensureTrust(home: string): Promise<readonly string[]> {
  const done: string[] = [];
  try {
    ensurePki({ home, now: new Date(), report: (what) => done.push(what) });
  } catch (error) {
    if (error instanceof MtlsConfigError) throw new PlatformTrouble(error.message, error.remedy, { cause: error });
    throw error;
  }
  return Promise.resolve(done);
}
