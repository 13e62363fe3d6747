import type { ProcessContext } from '@holdfast/host';
import type { SealedBox, Store } from '@holdfast/store';
import { z } from 'zod';
import { Problem } from '../pages/problem.ts';
import { PROFILE } from '../profile.ts';
import type { Session } from '../session/sessions.ts';
import type { FintechTables } from '../store/tables.ts';

/** What one attempt to link must find again when the browser comes back. */
export interface LinkAttempt {
  readonly issuer: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

const attemptShape = z.object({ issuer: z.string(), nonce: z.string(), codeVerifier: z.string() });
const stored = z.object({ sealed: z.string() });

const KIND = 'link_attempt';
const PLACE = 'link_attempt';

export interface LinkAttemptParts {
  readonly store: Store<FintechTables>;
  readonly box: SealedBox;
  readonly clock: ProcessContext<unknown>['clock'];
}

/** Attempts under way. Each may be finished once, by the browser that began it. */
export class LinkAttempts {
  readonly #parts: LinkAttemptParts;

  constructor(parts: LinkAttemptParts) {
    this.#parts = parts;
  }

  async begin(session: Session, state: string, attempt: LinkAttempt): Promise<void> {
    const { store, box, clock } = this.#parts;
    const expires = new Date(clock.now().getTime() + PROFILE.linkAttemptLifetime);
    const sealed = box.seal(JSON.stringify(attempt), PLACE);
    await store.singleUse.create(KIND, keyOf(session, state), { sealed }, expires);
  }

  /**
   * Takes the attempt, atomically. RFC6749-10.12 [CLI-06], FAPI2-SP-FINAL-5.3.3.1-12: the session is part of the key, so
   * the state of an attempt begun in another browser finds nothing here, and does not use up the attempt of its owner.
   *
   * @throws Problem `link_refused`
   */
  async take(session: Session, state: string): Promise<LinkAttempt> {
    const { store, box, clock } = this.#parts;
    const taken = await store.singleUse.redeem(KIND, keyOf(session, state), clock.now());
    if (!taken.won) throw new Problem('link_refused', { reason: REASONS[taken.why] });
    const { sealed } = stored.parse(taken.value);
    return attemptShape.parse(JSON.parse(box.open(sealed, PLACE)));
  }
}

const REASONS = {
  absent: 'flow_not_started_in_this_browser',
  expired: 'flow_expired',
  used: 'callback_replayed',
} as const;

const keyOf = (session: Session, state: string): string => `${session.hash}.${state}`;
