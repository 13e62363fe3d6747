import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlGroup } from '../control-group/control-group.ts';
import { startControlGroup } from '../control-group/control-group.ts';
import { controlStage } from '../run/control-stage.ts';
import type { Step } from '../run/step.ts';
import { CATALOGUE } from './catalogue.ts';

/** Without a control that can be robbed, a refusal elsewhere proves nothing: so every theft here has to succeed. */
describe('on the control group', () => {
  let group: ControlGroup;
  beforeAll(async () => {
    group = await startControlGroup();
  });
  afterAll(() => group.close());

  it.each(CATALOGUE.map((attack) => [attack.id, attack.title.en, attack] as const))(
    '%s steals: %s',
    async (_id, _title, attack) => {
      const steps: Step[] = [];
      await attack.onControl(controlStage(group, (step) => steps.push(step)));
      const thefts = steps.filter((step) => step.kind === 'theft');
      expect(thefts.length).toBeGreaterThan(0);
      for (const theft of thefts)
        expect(theft, JSON.stringify(theft.exchanges.map(({ sent, answer }) => [sent.line, answer]))).toHaveProperty(
          'loot',
          expect.any(String),
        );
    },
  );
});
