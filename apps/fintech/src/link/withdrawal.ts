import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessContext } from '@holdfast/host';
import type { Store } from '@holdfast/store';
import { Problem } from '../pages/problem.ts';
import { PROFILE } from '../profile.ts';
import type { Sessions } from '../session/sessions.ts';
import type { FintechTables } from '../store/tables.ts';
import type { UnlinkParts } from './unlink.ts';
import { unlink } from './unlink.ts';

export interface WithdrawalParts extends UnlinkParts {
  readonly store: Store<FintechTables>;
  readonly sessions: Sessions;
  readonly ctx: Pick<ProcessContext<unknown>, 'log' | 'clock' | 'abort'>;
}

/**
 * Withdraws access nobody can use any more: of forgotten devices, replaced links and expired sessions. A person is not made
 * to wait for it, and a bank that is away is asked again.
 */
export class Withdrawal {
  readonly #parts: WithdrawalParts;
  #running: Promise<void> = Promise.resolve();
  readonly #loop: Promise<void>;

  constructor(parts: WithdrawalParts) {
    this.#parts = parts;
    this.#loop = this.#keepSweeping();
  }

  /** Starts a round now, after the one under way. */
  soon(): Promise<void> {
    this.#running = this.#running.then(() => this.#round());
    return this.#running;
  }

  /** Resolves when the process shuts down and the last round has ended. */
  async stopped(): Promise<void> {
    await this.#loop;
    await this.#running;
  }

  async #keepSweeping(): Promise<void> {
    const { abort } = this.#parts.ctx;
    while (!abort.aborted) {
      const rested = await sleep(PROFILE.sweepEvery, true, { signal: abort, ref: false }).catch(() => false);
      if (rested) await this.soon();
    }
  }

  async #round(): Promise<void> {
    const { sessions, links, store, ctx } = this.#parts;
    try {
      for (const hash of await sessions.expired()) await links.endSession(hash);
      await store.singleUse.sweep(ctx.clock.now());
      for (const link of await links.retired()) await this.#withdraw(link);
    } catch (error) {
      ctx.log.warn({ err: error }, 'expired sessions could not be cleared away; trying again later');
    }
  }

  async #withdraw({ id, retiredAt }: { id: string; retiredAt: Date }): Promise<void> {
    const { links, ctx } = this.#parts;
    if (ctx.abort.aborted) return;
    try {
      await unlink(this.#parts, 'link.withdraw', id, {});
    } catch (error) {
      // Kept for the next round; the audit trail has the reason. After its natural end there is nothing to withdraw.
      if (ctx.clock.now().getTime() - retiredAt.getTime() > PROFILE.withdrawFor) await links.forget(id);
      if (!(error instanceof Problem)) throw error;
    }
  }
}
