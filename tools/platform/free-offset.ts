import { appNames, portsOf } from './apps.ts';
import { isPortFree } from './ports.ts';
import { PlatformTrouble } from './trouble.ts';

/**
 * The first offset at which every port of the platform is free.
 * @param from where to look first; who starts several platforms at once keeps them apart by it
 */
export async function freeOffset(from = 2_000): Promise<number> {
  for (let offset = from; offset < 50_000; offset += 1_000) {
    const ports = appNames.flatMap((app) => portsOf(app, offset));
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return offset;
  }
  throw new PlatformTrouble('no range of free ports was found', 'Stop something that listens.');
}
