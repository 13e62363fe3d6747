import type { LabConfig } from './config.ts';
import { LabSetupError } from './config.ts';
import type { ControlGroup } from './control-group/control-group.ts';
import { openRealStack } from './real/real-stack.ts';
import type { RealTarget } from './run/run-attacks.ts';

/** Everything a run aims at. */
export interface OpenTargets {
  readonly control: ControlGroup;
  readonly real: RealTarget;
}

/**
 * The real stack, or why it is not there. A lab without it still shows its control group, and says that this proves
 * nothing: every case is then inconclusive.
 */
export async function findRealStack(config: LabConfig, home: string): Promise<RealTarget> {
  try {
    return { stack: await openRealStack(config, home) };
  } catch (error) {
    if (error instanceof LabSetupError) return { away: `${error.message}. ${error.remedy}` };
    const why = error instanceof Error ? error.message : String(error);
    return { away: `${why}. Start the platform with \`npm start\` in another terminal, then try again.` };
  }
}
