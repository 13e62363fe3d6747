import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '../../platform/index.ts';
import { doorsOfParticipants, doorsOfServices } from './doors.ts';
import type { Door } from './doors.ts';
import { revoke } from './revoke.ts';
import { issueVictims } from './victims.ts';

/** Milliseconds until each door refused. */
export type Felt = ReadonlyMap<string, number>;

/** How often a door is asked, in milliseconds. */
const EVERY = 40;
/** A door that takes longer than this is not going to refuse, in milliseconds. */
const PATIENCE = 15_000;

/** Issues two certificates, uses them at every door, takes them back, and asks on until every door refuses. */
export async function playRound(platform: Platform): Promise<Felt> {
  const victims = issueVictims(platform.home);
  const felt = new Map<string, number>();
  for (const [serial, open] of [
    [victims.participant.serial, doorsOfParticipants(platform, victims.participant)],
    [victims.service.serial, doorsOfServices(platform, victims.service)],
  ] as const) {
    const doors = await open;
    try {
      for (const { name, admits } of doors)
        if (!(await admits())) throw new Error(`${name}: refused before anything was revoked`);
      const began = performance.now();
      const [times] = await Promise.all([
        Promise.all(doors.map((door) => untilRefused(door, began))),
        revoke(platform.home, serial),
      ]);
      for (const [at, { name }] of doors.entries()) felt.set(name, times[at] ?? Infinity);
    } finally {
      for (const { close } of doors) close();
    }
  }
  return felt;
}

async function untilRefused({ name, admits }: Door, began: number): Promise<number> {
  while (performance.now() - began < PATIENCE) {
    if (!(await admits())) return performance.now() - began;
    await sleep(EVERY);
  }
  throw new Error(`${name}: not refused within ${PATIENCE} ms`);
}
