import type { ControlName } from '../control-group/control-group.ts';
import type { ControlStage } from './control-stage.ts';
import type { RealStage } from './real-stage.ts';
import type { Text } from './text.ts';

/** One attack of the catalogue: a story, and the same theft tried on the control group and on the real stack. */
export interface Attack {
  /** `T02` */
  readonly id: string;
  /** `at-replay-own-cert` */
  readonly slug: string;
  readonly title: Text;
  /** One sentence. */
  readonly story: Text;
  /** By the letters of the FAPI 2.0 attacker model; IMP is an implementation mistake outside of it. */
  readonly attacker: string;
  readonly holds: Text;
  /** Clauses that forbid it. */
  readonly clauses: readonly string[];
  /** The weak platform on which it succeeds. */
  readonly control: ControlName;
  /** Whether somebody at the command line of the certificate authority has a part in it. */
  readonly needsOperator?: true;
  onControl(stage: ControlStage): Promise<void>;
  onReal(stage: RealStage): Promise<void>;
}
