import { OAuthError } from '@holdfast/fapi';
import type { Audit, Trail } from '@holdfast/fapi';
import { RequestRefused } from './request-refused.ts';

/** One decision, one audit event, whichever way it ends. */
export async function decided<T>(
  audit: Audit,
  action: string,
  trail: Trail,
  decide: (trail: Trail) => Promise<T>,
): Promise<T> {
  try {
    const answer = await decide(trail);
    audit({ action, outcome: 'allowed', ...trail });
    return answer;
  } catch (error) {
    // Ours, or of the shell that reads certificates and bodies.
    const refused = error instanceof RequestRefused || error instanceof OAuthError ? error : undefined;
    const evidence = { ...trail.evidence, ...refused?.evidence };
    audit({ action, outcome: 'refused', reason: refused?.reason ?? 'unexpected', ...trail, evidence });
    throw error;
  }
}
