import type { LabConfig } from '../config.ts';
import { findRealStack } from '../targets.ts';
import type { VerdictPlan } from './run-verdict.ts';
import { VerdictWorld } from './verdict-world.ts';

/** The platform as the lab's configuration knows it, or why it cannot be asked. */
export async function openWorld(config: LabConfig, home: string): Promise<VerdictPlan['world']> {
  const found = await findRealStack(config, home);
  return 'away' in found ? found : new VerdictWorld(found.stack);
}
