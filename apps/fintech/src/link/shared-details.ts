import { z } from 'zod';
import { Problem } from '../pages/problem.ts';

export const ACTIONS = ['list_accounts', 'read_balances', 'read_transactions'] as const;
export type Action = (typeof ACTIONS)[number];

const TYPE = 'account_information';

/** What was granted: never more than was asked for. */
export interface SharedDetails {
  readonly actions: readonly Action[];
  readonly accountCount: number | undefined;
  /** When the permission at the bank ends by itself; undefined when the bank does not say. */
  readonly grantedUntil: Date | undefined;
}

/** What Tidepool asks for. RFC9396-2. */
export const wantedDetails = (bank: string) => [{ type: TYPE, actions: ACTIONS, locations: [bank] }];

const grantedDetails = z
  .array(
    z.object({
      type: z.string(),
      actions: z.array(z.enum(ACTIONS)).min(1),
      locations: z.array(z.string()).min(1),
      accounts: z.array(z.string()).max(1000).optional(),
      // RFC9396-7.1: the login service adds what became of the request; epoch seconds, at most in the year 9999.
      expires_at: z.number().int().positive().max(253_402_300_799).optional(),
    }),
  )
  .length(1);

/**
 * Reads what was granted. RFC9396-7: the token response says what the person agreed to, which may be less than was asked.
 * More, or for another bank, is refused (FAPI2-SP-FINAL-6.3 [CLI-23]): a token that another server may have issued must
 * not be carried to this bank.
 *
 * @throws Problem `link_refused`
 */
export function readSharedDetails(granted: unknown, bank: string): SharedDetails {
  if (granted === undefined) throw new Problem('link_refused', { reason: 'authorization_details_missing' });
  const parsed = grantedDetails.safeParse(granted);
  const detail = parsed.data?.[0];
  if (detail === undefined || detail.type !== TYPE)
    throw new Problem('link_refused', { reason: 'authorization_details_not_as_asked' });
  if (detail.locations.some((location) => location !== bank))
    throw new Problem('link_refused', { reason: 'authorization_details_for_another_bank' });
  const { actions, accounts, expires_at: until } = detail;
  return {
    actions,
    accountCount: accounts?.length,
    grantedUntil: until === undefined ? undefined : new Date(until * 1000),
  };
}
