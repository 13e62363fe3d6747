import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensurePki, makeSuccessor, retireRoot } from '@holdfast/pki';
import type { AuthorityName, RotationKind } from '@holdfast/pki';
import { ensurePatients } from '../clinic/ensure-patients.ts';
import { composeCommand } from '../compose.ts';
import { PlatformTrouble } from '../platform/trouble.ts';
import type { Say } from '../progress.ts';
import { ensureTestClients } from '../test-clients/ensure-test-clients.ts';
import { workspaceRoot } from '../workspace.ts';

/** Whoever has the keys of the roots does the steps of a rotation that need them, and issues what no process renews. */
export interface RootKeeper {
  makeSuccessor(kind: RotationKind, purpose: AuthorityName): Promise<void>;
  /** Under the intermediate that issues now; twice changes nothing the second time. */
  issueByHand(say: Say): Promise<void>;
  retireRoot(purpose: AuthorityName): Promise<void>;
}

/** The roots lie in the home on this machine. */
export const keeperAtHome = (home: string): RootKeeper => ({
  makeSuccessor: async (kind, purpose) => makeSuccessor({ home, purpose, kind, now: new Date() }),
  issueByHand: async (say) => {
    const options = { home, now: new Date(), report: say };
    ensurePki(options);
    ensureTestClients(options);
    ensurePatients(options);
  },
  retireRoot: async (purpose) => retireRoot(home, purpose, new Date()),
});

/**
 * The roots lie in a volume that the container `pki` alone opens, which has no network and ends: it is run once more for each step.
 * Its own command hands what was made to its owners.
 */
export const keeperInContainer = (): RootKeeper => ({
  makeSuccessor: async (kind, purpose) => {
    await inKeeper('node', 'tools/pki/main.ts', 'make-successor', kind, purpose);
    await inKeeper();
  },
  issueByHand: async (say) => {
    for (const line of (await inKeeper()).split('\n')) if (line.trim() !== '') say(line);
  },
  retireRoot: async (purpose) => {
    await inKeeper('node', 'tools/pki/main.ts', 'retire-root', purpose);
  },
});

const inKeeper = (...command: readonly string[]): Promise<string> =>
  run(composeCommand('run', '--rm', '--no-deps', '-T', 'pki', ...command));

async function run([program = '', ...args]: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { cwd: workspaceRoot })).stdout;
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    throw new PlatformTrouble(stderr.trim() || message, 'Mend that, then run the same command: it goes on from here.', {
      cause,
    });
  }
}
