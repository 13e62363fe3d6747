import { secondsAfter } from '../../clock.ts';
import { KEY_LIFE, MAX_CLOCK_SKEW_SECONDS } from '../../profile.ts';

/**
 * A generation of keys, one per algorithm, in time. It is published as soon as it exists; everything else follows from when
 * it and its successor begin to sign.
 */
export interface Generation {
  /** 1 for the first, then without a gap. */
  readonly number: number;
  readonly signsFrom: Date;
}

/** Whether both are one. The number alone does not say it: after a table was emptied, another first generation begins. */
export const sameGeneration = (one: Generation, other: Generation | undefined): boolean =>
  one.number === other?.number && one.signsFrom.getTime() === other.signsFrom.getTime();

export type Phase = 'published' | 'signing' | 'retired' | 'removed';

/**
 * Where a generation is in its life: published, signing, retired, removed. OIDC-CORE-10.1.1 [META-21]
 * @param ring every generation there is, in the order of their numbers
 */
export function phaseOf(generation: Generation, ring: readonly Generation[], now: Date): Phase {
  if (now < generation.signsFrom) return 'published';
  const successor = ring.find(({ number }) => number > generation.number);
  if (successor === undefined || now < successor.signsFrom) return 'signing';
  return now < removalAfter(successor) ? 'retired' : 'removed';
}

/** When the last thing the predecessor can have signed has expired, on every clock within the accepted skew. */
export const removalAfter = (successor: Generation): Date =>
  secondsAfter(successor.signsFrom, KEY_LIFE.longestSignature + MAX_CLOCK_SKEW_SECONDS);

/**
 * The generation that a rotation at this moment adds.
 *
 * The first signs at once, since no verifier can hold an older set; dated back by the accepted skew, so that a replica whose
 * clock is behind signs too. Any later one is published first.
 *
 * @param ring every generation there is, in the order of their numbers
 * @returns undefined while the newest one still waits for its turn: one more would only make the ring longer
 */
export function nextGeneration(ring: readonly Generation[], now: Date): Generation | undefined {
  const newest = ring.at(-1);
  if (newest === undefined) return { number: 1, signsFrom: secondsAfter(now, -MAX_CLOCK_SKEW_SECONDS) };
  if (now < newest.signsFrom) return undefined;
  return { number: newest.number + 1, signsFrom: secondsAfter(now, KEY_LIFE.publishedBefore) };
}

/**
 * Whether the keys in use have signed for long enough.
 * @param period seconds one generation signs before the next is made
 */
export function rotationDue(ring: readonly Generation[], now: Date, period: number): boolean {
  const newest = ring.at(-1);
  return newest === undefined || now >= secondsAfter(newest.signsFrom, period);
}
