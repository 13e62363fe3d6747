import { StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import { enrolledLeaves } from '@holdfast/pki';
import { listOf, openAuthorityStore } from '../authority-store.ts';
import type { Config } from '../config.ts';
import { EnrolmentTokens } from '../enrolment/enrolment-tokens.ts';
import type { CommandValues } from './command-values.ts';

/**
 * `--enrolment-token=<holder>[,<holder>...]`: a one-time token for the first certificate of each.
 * @returns a line `<holder> <token>` for each; a token is shown this once
 * @throws StartUpError for a holder that enrols for nothing
 */
export async function makeEnrolmentTokens(ctx: ProcessContext<Config>, values: CommandValues): Promise<string> {
  const holders = (values.get('enrolment-token') ?? '').split(',');
  const list = listOf(ctx);
  const stranger = holders.find((holder) => enrolledLeaves(list, holder).length === 0);
  if (stranger !== undefined)
    throw new StartUpError(
      `"${stranger}" enrols for nothing`,
      'Name a holder of the list with a leaf that says `enrols: true`: --enrolment-token=bank.',
    );
  const store = await openAuthorityStore(ctx);
  try {
    const tokens = new EnrolmentTokens(store.singleUse);
    const lines: string[] = [];
    for (const holder of holders) {
      const { token, until } = await tokens.make(holder, ctx.random, ctx.clock.now());
      const evidence = { holder, until: until.toISOString() };
      ctx.audit({ action: 'token.make', outcome: 'allowed', subject: holder, evidence });
      lines.push(`${holder} ${token}`);
    }
    return lines.join('\n');
  } finally {
    await store.close();
  }
}
