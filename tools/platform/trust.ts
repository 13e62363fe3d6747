import { PlatformTrouble } from './trouble.ts';

/**
 * Makes what is missing of keys and certificates in a home, and renews what ends soon.
 * @returns what was made or renewed, in words
 */
export async function ensureTrust(home: string): Promise<readonly string[]> {
  const { ensurePki } = await import('../pki/index.ts');
  return [];
}
