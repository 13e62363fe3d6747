import type { Audit, Clock } from '@holdfast/fapi';
import { nextGeneration, phaseOf, rotationDue } from '@holdfast/fapi/as';
import type { Generation } from '@holdfast/fapi/as';
import { generateKeys } from './generate-keys.ts';
import type { StoredGenerations } from './stored-generations.ts';

export type RotationCause = 'first_start' | 'schedule' | 'command';

export type RotationOutcome =
  /** A generation was added. */
  | 'rotated'
  /** The newest one has not begun to sign; its turn comes first. */
  | 'pending'
  /** Somebody else added that generation in the meantime. */
  | 'beaten';

export interface RotationParts {
  readonly stored: StoredGenerations;
  readonly clock: Clock;
  readonly audit: Audit;
}

/**
 * Adds the next generation of keys, decided and written as one step of the database: of any number of processes that rotate
 * at once, one does. A process that dies before that step leaves nothing behind; after it, everything follows from the clock.
 *
 * @throws SealBroken when what is there does not open: under a wrong key nobody else could open what is added
 */
export async function rotate({ stored, clock, audit }: RotationParts, cause: RotationCause): Promise<RotationOutcome> {
  const known = await stored.load();
  // Its keys sign at once, so that a second one could follow: a replica that came late would rotate what it was to begin.
  if (cause === 'first_start' && known.length > 0) return 'beaten';
  const next = nextGeneration(known, clock.now());
  if (next === undefined) {
    // To the schedule it says that another replica was quicker; a person asked for something and did not get it.
    if (cause === 'command')
      audit({ action: 'signing_keys.rotate', outcome: 'refused', reason: 'rotation_pending', evidence: { cause } });
    return 'pending';
  }
  if (!(await stored.add({ ...next, privateJwks: await generateKeys() }))) return 'beaten';
  audit({ action: 'signing_keys.rotate', outcome: 'allowed', evidence: { cause, ...evidenceOf(next) } });
  return 'rotated';
}

/**
 * The schedule: rotates when the newest generation has signed for the period, and removes what nobody needs any more.
 * @param ring what this process knows, so that the store is asked only when there is something to do
 * @param period seconds
 */
export async function keepRotating(parts: RotationParts, ring: readonly Generation[], period: number): Promise<void> {
  const now = parts.clock.now();
  if (rotationDue(ring, now, period)) await rotate(parts, 'schedule');
  const over = ring.filter((generation) => phaseOf(generation, ring, now) === 'removed');
  if (over.length === 0) return;
  await parts.stored.remove(over.map(({ number }) => number));
  for (const generation of over)
    parts.audit({ action: 'signing_keys.remove', outcome: 'allowed', evidence: evidenceOf(generation) });
}

const evidenceOf = ({ number, signsFrom }: Generation) => ({
  generation: String(number),
  signsFrom: signsFrom.toISOString(),
});
