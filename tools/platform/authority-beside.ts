import type { AppName } from './apps.ts';
import { build } from './build.ts';
import { configurationsFor } from './configuration.ts';
import { localHealthTarget } from './health-target.ts';
import { compiledMain, PlatformProcesses } from './platform.ts';
import { checkPorts } from './preflight.ts';
import { askReadiness } from './readiness.ts';

const AUTHORITY = 'certificate-authority';
const READY_WITHIN = 60_000;

/**
 * Starts the certificate authority for an app that is run alone.
 * @returns what stops it again; undefined when it runs already, or is the app itself
 * @throws PlatformTrouble
 */
export async function authorityBeside(
  app: AppName,
  home: string,
  offset: number,
  tell: (text: string) => void,
): Promise<PlatformProcesses | undefined> {
  if (app === AUTHORITY) return undefined;
  const { ready } = await askReadiness(localHealthTarget(AUTHORITY, home, offset));
  if (ready) return undefined;
  await checkPorts([AUTHORITY], offset);
  tell('starting the certificate authority beside it');
  await build([AUTHORITY]);
  const processes = new PlatformProcesses({
    home,
    apps: [AUTHORITY],
    configurations: configurationsFor(home, offset),
    readyWithin: READY_WITHIN,
    mainOf: compiledMain,
  });
  await processes.start(AUTHORITY);
  return processes;
}
