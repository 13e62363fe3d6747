import { defineProcess } from '@holdfast/host';
import { takeValues } from './commands/command-values.ts';
import { makeEnrolmentTokens } from './commands/enrolment-token.ts';
import { list } from './commands/list.ts';
import { revoke } from './commands/revoke.ts';
import { rotation } from './commands/rotation.ts';
import { config } from './config.ts';

const { args, values } = takeValues(process.argv.slice(2));
process.argv.splice(2, Infinity, ...args);

defineProcess({
  name: 'certificate-authority',
  config,
  commands: {
    'enrolment-token': (ctx) => makeEnrolmentTokens(ctx, values),
    revoke: (ctx) => revoke(ctx, values),
    list: (ctx) => list(ctx, values),
    'begin-rotation': (ctx) => rotation(ctx, 'begin-rotation', values),
    'advance-rotation': (ctx) => rotation(ctx, 'advance-rotation', values),
    'abandon-rotation': (ctx) => rotation(ctx, 'abandon-rotation', values),
    'rotation-status': (ctx) => rotation(ctx, 'rotation-status', values),
  },
  // Loaded to run and for nothing else: a revocation waits for its command.
  start: async (ctx) => (await import('./certificate-authority.ts')).startCertificateAuthority(ctx),
});
