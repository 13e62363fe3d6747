import { RuleTester } from 'eslint';
import { describe, it } from 'vitest';
import { doors } from './doors.ts';
import { reasonedSuppression } from './reasoned-suppression.ts';

RuleTester.describe = describe;
RuleTester.it = it;

const refused = (code: string, messageId: string) => ({ code, errors: [{ messageId }] });

const tester = new RuleTester({
  plugins: { holdfast: { rules: { doors } } },
  linterOptions: { reportUnusedDisableDirectives: 'off' },
});

tester.run('reasoned-suppression', reasonedSuppression, {
  invalid: [
    refused('// eslint-disable-next-line eqeqeq\nx == y', 'bare'),
    refused('x == y // eslint-disable-line', 'bare'),
    refused('/* eslint-disable */ x == y', 'bare'),
    refused('/* eslint-disable -- because */ x == y', 'bare'),
    refused('// eslint-disable-next-line holdfast/doors -- just this once\nimport x from "y"', 'guard'),
  ],
  valid: [
    '// eslint-disable-next-line eqeqeq -- null and undefined are the same answer here\nx == y',
    '// eslint is our lint',
  ],
});
