import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { workspaceRoot } from '../../workspace.ts';
import { appNames } from '../../platform/apps.ts';
import { localHealthTarget } from '../../platform/health-target.ts';
import { aheadOfClock, isNodeOldEnough, takenPorts, tellHolder } from '../../platform/preflight.ts';
import { askReadiness } from '../../platform/readiness.ts';
import { findRunning, hasRecord } from '../../platform/running.ts';
import { PlatformTrouble } from '../../platform/trouble.ts';
import type { Check } from '../surroundings.ts';

export const node: Check = () =>
  isNodeOldEnough(process.versions.node) ? [] : [{ code: 'node_too_old', detail: process.versions.node }];

/** Ports of a platform that runs in this home are its own. */
export const ports: Check = async ({ home, offset }) => {
  const running = await findRunning(home);
  const taken = (await takenPorts(appNames, offset)).filter(({ port }) => running?.ports.includes(port) !== true);
  return Promise.all(
    taken.map(async ({ app, port }) => ({
      code: 'port_taken' as const,
      detail: `${port} (${app}): ${await tellHolder(port)}`,
    })),
  );
};

export const clock: Check = ({ home, now }) => {
  try {
    const ahead = aheadOfClock(home, now);
    return ahead === undefined
      ? []
      : [{ code: 'clock_behind', detail: `${now.toISOString()} < ${ahead.at.toISOString()} (${ahead.what})` }];
  } catch (error) {
    // A bundle that is none; the check of the PKI tells about it.
    if (error instanceof PlatformTrouble) return [];
    throw error;
  }
};

/** Our choice, no clause: bytes; what a build and a week of audit trail take. */
const LEAST_ROOM = 500 * 1024 * 1024;

export const disk: Check = async ({ home }) => {
  const folder = existsSync(home) ? home : workspaceRoot;
  const { bavail, bsize } = await statfs(folder);
  const room = bavail * bsize;
  return room >= LEAST_ROOM ? [] : [{ code: 'disk_full', detail: `${folder}: ${Math.floor(room / 1024 / 1024)} MiB` }];
};

const CHROMIUM_PLACES = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

export const chromium: Check = ({ environment, machine }) => {
  const { CHROMIUM_PATH: named } = environment;
  if (named !== undefined) return existsSync(named) ? [] : [{ code: 'chromium_missing', detail: named }];
  const isHere = CHROMIUM_PLACES.some((place) => existsSync(place)) || machine.has('chromium');
  return isHere ? [] : [{ code: 'chromium_missing', detail: CHROMIUM_PLACES[0] ?? '' }];
};

/** A platform that runs in this home: whether each of its processes would serve. */
export const run: Check = async ({ home }) => {
  const running = await findRunning(home);
  if (running === undefined) return hasRecord(home) ? [{ code: 'run_record_stale', detail: 'running.json' }] : [];
  const asked = appNames.map(async (app) => {
    const { ready, answer } = await askReadiness(localHealthTarget(app, home, running.offset));
    return ready ? [] : [{ code: 'run_not_ready' as const, detail: `${app}: ${answer}` }];
  });
  return (await Promise.all(asked)).flat();
};
