import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthorityName, RotationKind } from '@holdfast/pki';
import { PlatformTrouble } from '../platform/trouble.ts';
import { Progress } from '../progress.ts';
import type { Say } from '../progress.ts';
import type { AuthorityProcess } from './authority-process.ts';
import type { RootKeeper } from './root-keeper.ts';

/** As the certificate authority tells it. */
interface Status {
  readonly purpose: AuthorityName;
  readonly kind: RotationKind;
  readonly phase: number;
  readonly version: number | null;
  readonly missing: readonly string[];
}

export interface Rotate {
  readonly kind: RotationKind;
  readonly purpose: AuthorityName;
  /** Milliseconds one phase may take. */
  readonly within: number;
}

const TITLES: Readonly<Record<number, string>> = {
  1: '1 announce: every process trusts the new one',
  2: '2 issue: every process holds a certificate of the new one',
  3: '3 withdraw: no process trusts the old one',
};
/** Milliseconds between two looks. */
const PAUSE = 700;

/**
 * Rotates an intermediate, or a root with it, while the platform runs. A phase that waits too long stops the command and says for
 * whom; run again, it goes on from there.
 * @throws PlatformTrouble
 */
export async function rotate(authority: AuthorityProcess, keeper: RootKeeper, asked: Rotate): Promise<void> {
  const { kind, purpose } = asked;
  const progress = new Progress();
  let status = await underWay(authority, purpose);
  if (status === undefined) {
    await progress.step(`0 make: a new ${kind} for ${purpose}, offline`, async () => {
      await keeper.makeSuccessor(kind, purpose);
      status = read(await authority.run(`--begin-rotation=${purpose}`, `--kind=${kind}`));
    });
  } else if (status.kind !== kind) {
    throw new PlatformTrouble(
      `a rotation of the ${status.kind} of ${purpose} is under way`,
      `Go on with it: npm run pki -- rotate ${status.kind} ${purpose}`,
    );
  }
  for (let phase = status?.phase ?? 1; phase < 4; phase += 1)
    await progress.step(TITLES[phase] ?? '', (say) => throughPhase(authority, keeper, asked, phase, say));
  await progress.step('4 retire: the key of the old one is destroyed', () =>
    throughPhase(authority, keeper, asked, 4, () => {}),
  );
  if (kind === 'root') await keeper.retireRoot(purpose);
}

async function underWay(authority: AuthorityProcess, purpose: AuthorityName): Promise<Status | undefined> {
  try {
    const status = read(await authority.run(`--rotation-status=${purpose}`));
    return status.phase === 4 && status.version !== null ? undefined : status;
  } catch (error) {
    if (error instanceof PlatformTrouble && error.message.includes('there is no rotation')) return undefined;
    throw error;
  }
}

/** Tries to go on until it can; the last phase is over when it is published. */
async function throughPhase(
  authority: AuthorityProcess,
  keeper: RootKeeper,
  { purpose, within }: Rotate,
  phase: number,
  say: Say,
): Promise<void> {
  const patience = performance.now() + within;
  if (phase === 2) await keeper.issueByHand(say);
  for (;;) {
    const status = read(await authority.run(`--${phase === 4 ? 'rotation-status' : 'advance-rotation'}=${purpose}`));
    if (status.phase > phase || (phase === 4 && status.version !== null)) return;
    const waiting = status.missing.join('; ') || 'the certificate authority has not published it yet';
    say(`waits: ${waiting}`);
    if (performance.now() > patience)
      throw new PlatformTrouble(
        `phase ${phase} waits: ${waiting}`,
        `Mend that, then run the same command: it goes on from here.${phase === 1 ? takenBack(purpose) : ''}`,
      );
    await sleep(PAUSE);
    // The keys may have been put in their place only now.
    if (phase === 2) await keeper.issueByHand(say);
  }
}

const takenBack = (purpose: AuthorityName): string =>
  ` Or take it back: npm run pki -- abandon-rotation ${purpose}, with the same --home or --compose`;

const read = (json: string): Status => JSON.parse(json) as Status;
