import { KeyRing } from '@holdfast/fapi/as';
import { StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import { createSealedBox, readSealingKey, SealBroken } from '@holdfast/store';
import type { Store } from '@holdfast/store';
import type { Config } from '../config.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { KeyWatch } from './key-watch.ts';
import { keepRotating, rotate } from './rotation.ts';
import type { RotationCause, RotationOutcome } from './rotation.ts';
import { storedGenerations } from './stored-generations.ts';

const NO_KEY = 'Run `npm start`, which makes it, or restore it from a backup.';
const WRONG_KEY =
  'Restore the key file that belongs to this database. If it is lost, empty the table signing_key_generation (new keys are then made, and tokens signed by the old ones are refused), or begin anew with `npm run reset`.';

/** The signing keys of this process: the ring, and what keeps it as the store has it. */
export interface OpenSigningKeys {
  readonly ring: KeyRing;
  readonly watch: KeyWatch;
  rotate(cause: RotationCause): Promise<RotationOutcome>;
  /** One round of the schedule. */
  keepRotating(): Promise<void>;
}

/**
 * Opens the signing keys in the store, and makes the first generation when there is none.
 * @throws StartUpError when the sealing key is not the one they were sealed with; StoreError when there is none
 */
export async function openSigningKeys(
  ctx: ProcessContext<Pick<Config, 'signingKeys'>>,
  store: Store<AuthorizationTables>,
): Promise<OpenSigningKeys> {
  const { sealingKey, rotateEvery } = ctx.config.signingKeys;
  const file = ctx.path(sealingKey);
  const stored = storedGenerations(store, createSealedBox(readSealingKey(file, NO_KEY), ctx.random));
  const parts = { stored, clock: ctx.clock, audit: ctx.audit };
  const ring = new KeyRing(ctx.clock);
  const watch = new KeyWatch(ring, stored, ctx.log);
  try {
    // Of replicas that start together on an empty store one is first; the others find what it made.
    if ((await stored.list()).length === 0) await rotate(parts, 'first_start');
    await watch.look();
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new StartUpError(`${file} is not the key the signing keys in the store are sealed with`, WRONG_KEY, {
      cause: error,
    });
  }
  return {
    ring,
    watch,
    rotate: (cause) => rotate(parts, cause),
    keepRotating: () => keepRotating(parts, ring.generations, secondsOf(rotateEvery)),
  };
}

const secondsOf = (period: Config['signingKeys']['rotateEvery']): number =>
  'days' in period ? period.days * 24 * 3600 : period.minutes * 60;
