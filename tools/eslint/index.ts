import type { ESLint } from 'eslint';
import { doors } from './rules/doors.ts';
import { noCycle } from './rules/no-cycle.ts';
import { reasonedSuppression } from './rules/reasoned-suppression.ts';
import { standsApart } from './rules/stands-apart.ts';
import { unsafeSwitch } from './rules/unsafe-switch.ts';

export { apart, boundaries, boundaryOf, depConstraints, projectNames, unsafeSwitches } from './boundaries.ts';

/** The rules of this workspace for what the Nx boundary rule cannot see. */
export const holdfast: ESLint.Plugin = {
  rules: {
    doors,
    'no-cycle': noCycle,
    'reasoned-suppression': reasonedSuppression,
    'stands-apart': standsApart,
    'unsafe-switch': unsafeSwitch,
  },
};
