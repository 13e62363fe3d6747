import type { Audit, Clock } from '@holdfast/fapi';
import type { Logger } from '@holdfast/host';
import type { Store } from '@holdfast/store';
import type { IssuingKeys } from './issuing/issuing-keys.ts';
import type { Intake } from './register/intake.ts';
import { revision } from './register/revisions.ts';
import type { AuthorityTables, RotationRow } from './register/tables.ts';
import type { TrustPublisher } from './trust/trust-publisher.ts';

/** Milliseconds between two looks; a revocation is seen within 250. Our choice, no clause. */
const EVERY = 200;
/** Milliseconds without a look that succeeded after which the process is not ready. Our choice, no clause. */
const SILENCE = 5_000;

interface Parts {
  readonly store: Store<AuthorityTables>;
  readonly keys: IssuingKeys;
  readonly publisher: TrustPublisher;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Logger;
  /** What follows from a change, such as a certificate of one's own under a new intermediate. */
  readonly afterChange: () => Promise<void>;
}

/** Sees what commands have decided beside the process, and brings keys and trust state to it. One thing at a time. */
export class StoreWatch {
  readonly #parts: Parts;
  #seen = -1;
  #turn: Promise<unknown> = Promise.resolve();
  #lookedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Loads the keys, publishes the first state, and looks from then on. */
  async start(): Promise<void> {
    await this.#look();
    const next = (): void => {
      this.#timer = setTimeout(() => {
        void this.inTurn(() => this.#look())
          .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'the store could not be looked at'))
          .finally(() => {
            if (this.#timer !== undefined) next();
          });
      }, EVERY);
    };
    next();
  }

  /** Runs work when nothing else changes keys or trust state. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** @throws Error when the store was not seen for a while */
  checkReady(): void {
    if (performance.now() - this.#lookedAt > SILENCE) throw new Error('the store was not looked at for a while');
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#turn;
  }

  async #look(): Promise<void> {
    const { store, keys, publisher, intake, clock, afterChange } = this.#parts;
    const now = await revision(store.db);
    if (now !== this.#seen) {
      const rotations = await store.db.selectFrom('rotations').selectAll().execute();
      keys.arrange(rotations, clock.now());
      await intake.look();
      const { version } = await publisher.publish();
      await this.#showPhases(rotations, version);
      await afterChange();
      this.#seen = now;
    } else await intake.look();
    this.#lookedAt = performance.now();
  }

  /** Notes the version from which on a phase can be seen: that is what the processes acknowledge. */
  async #showPhases(rotations: readonly RotationRow[], version: number): Promise<void> {
    for (const { purpose, kind, phase } of rotations.filter((rotation) => rotation.version === null)) {
      await this.#parts.store.db
        .updateTable('rotations')
        .set({ version })
        .where('purpose', '=', purpose)
        .where('phase', '=', phase)
        .execute();
      const evidence = { purpose, kind, phase: `${phase}`, version: `${version}` };
      this.#parts.audit({ action: 'rotation.phase', outcome: 'allowed', evidence });
    }
  }
}
