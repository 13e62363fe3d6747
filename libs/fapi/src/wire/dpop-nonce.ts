import { createHmac, timingSafeEqual } from 'node:crypto';
import { epochSeconds } from '../clock.ts';

/**
 * Nonces a server gives to those who prove a key with DPoP. RFC9449-8. A proof that has to carry one cannot have been
 * made long before it is used, whatever its maker's clock says.
 */
export interface DpopNonces {
  /** The nonce to use from now on. */
  issue(now: Date): string;
  /** Whether a proof may carry this nonce now. */
  accepts(nonce: string, now: Date): boolean;
}

/** Bytes of the shortest key taken: as long as what it makes. RFC2104-3. */
const SHORTEST_KEY = 32;
const PURPOSE = 'holdfast dpop nonce';

/**
 * Nonces without memory: each is a MAC over the step of time it was issued in. Every replica with the same key issues and
 * accepts the same ones, before and after a restart.
 *
 * The current step and the one before count, so a nonce is good for at least one step and at most two. (RFC9449-8.2)
 *
 * @param key secret shared by the replicas of one server, and by no other server; at least 32 bytes
 * @param stepSeconds how long a step lasts
 * @throws TypeError for a key that is too short, or a step that is no whole number of seconds
 */
export function dpopNonces(key: Uint8Array, stepSeconds: number): DpopNonces {
  if (key.length < SHORTEST_KEY) throw new TypeError(`a nonce key has at least ${SHORTEST_KEY} bytes`);
  if (!Number.isInteger(stepSeconds) || stepSeconds < 1) throw new TypeError('a step is a whole number of seconds');
  const stepAt = (now: Date): number => Math.floor(epochSeconds(now) / stepSeconds);
  const nonceOf = (step: number): string =>
    createHmac('sha256', key).update(`${PURPOSE} ${stepSeconds} ${step}`).digest('base64url');
  return {
    issue: (now) => nonceOf(stepAt(now)),
    accepts: (nonce, now) => {
      const step = stepAt(now);
      return [step, step - 1].map((it) => sameText(nonceOf(it), nonce)).includes(true);
    },
  };
}

// Compared without leaking how many leading characters match: a nonce guessed letter by letter would be none.
function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
