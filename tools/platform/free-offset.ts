import { appNames, portsOf } from './apps.ts';
import { isPortFree } from './ports.ts';
import { PlatformTrouble } from './trouble.ts';

/** The first offset at which every port of the platform is free. */
export async function freeOffset(): Promise<number> {
  for (let offset = 2_000; offset < 50_000; offset += 1_000) {
    const ports = appNames.flatMap((app) => portsOf(app, offset));
    const free = await Promise.all(ports.map(isPortFree));
    if (free.every(Boolean)) return offset;
  }
  throw new PlatformTrouble('no range of free ports was found', 'Stop something that listens.');
}
