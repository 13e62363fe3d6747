import type { ControlGroup } from '../control-group/control-group.ts';
import type { Exchange } from '../wire/https-call.ts';
import type { Secret } from '../wire/secret.ts';
import type { Shown, Step } from './step.ts';
import type { Text } from './text.ts';

/** One theft from the control group. */
export interface TheftPlan {
  /** `a`, `b`, … as in the catalogue; left out when there is only one. */
  readonly variant?: string;
  readonly what: Text;
  act(): Promise<Exchange | readonly Exchange[]>;
  /** What is in the thief's hands after one exchange, in words that hold no secret; `undefined` when nothing is. */
  proof(exchange: Exchange): string | undefined;
}

/** What an attack gets to work with while it plays on the control group. */
export interface ControlStage extends Pick<ControlGroup, 'bearer' | 'naive'> {
  /** Tells what the attacker holds. */
  holds(what: Text, value?: Secret | string): void;
  steal(plan: TheftPlan): Promise<void>;
}

/** @param tell receives every step as it happens */
export function controlStage(group: ControlGroup, tell: (step: Step) => void): ControlStage {
  return {
    bearer: group.bearer,
    naive: group.naive,
    holds: (what, value) => tell({ kind: 'held', what, value: value?.toString() }),
    async steal(plan) {
      const exchanges = [await plan.act()].flat();
      // A control that succeeds in some forms only is no control: the missing ones would prove nothing on the real stack.
      const loot = exchanges.map((exchange) => plan.proof(exchange));
      const complete = loot.length > 0 && loot.every((piece) => piece !== undefined);
      tell({
        kind: 'theft',
        variant: plan.variant ?? '',
        what: plan.what,
        exchanges: exchanges.map(shownOf),
        loot: complete ? loot[0] : undefined,
      });
    },
  };
}

export function shownOf({ sent, answer }: Exchange): Shown {
  return { sent, answer };
}
