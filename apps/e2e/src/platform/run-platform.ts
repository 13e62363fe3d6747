import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeOffset, PlatformTrouble, startPlatform } from '@holdfast/tools/platform';
import type { AppName, Configure, Platform } from '@holdfast/tools/platform';

// Clear of the default ports and of a second platform that a person runs beside them.
// Two runs at once begin apart, for each would only see what the other has taken already.
const FIRST_OFFSET = 3_000 + (process.pid % 10) * 700;
const STEP = 7;
const ATTEMPTS = 20;

/** Ports for a platform that a suite starts by command, clear of all others, and below those that the system gives out. */
export const offsetForCommand = (): Promise<number> => freeOffset(12_000 + (process.pid % 8) * 1_000);

/**
 * A platform of its own: fresh keys, fresh data, ports that nobody holds. Its `stop` leaves neither process nor file.
 * @throws PlatformTrouble when it does not start
 */
export async function runPlatform(apps?: readonly AppName[], configure?: Configure): Promise<Platform> {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  try {
    const platform = await startWhereFree(home, { ...(apps && { apps }), ...(configure && { configure }) });
    return {
      ...platform,
      async stop() {
        await platform.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function startWhereFree(
  home: string,
  options: { readonly apps?: readonly AppName[]; readonly configure?: Configure },
): Promise<Platform> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await startPlatform({ home, offset: FIRST_OFFSET + attempt * STEP, ...options });
    } catch (error) {
      const portTaken = error instanceof PlatformTrouble && / is taken by |EADDRINUSE/.test(error.message);
      if (!portTaken || attempt === ATTEMPTS) throw error;
    }
  }
}
