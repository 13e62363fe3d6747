import type { ProcessContext } from '@holdfast/host';
import { Problem } from './pages/problem.ts';

export type Audit = ProcessContext<unknown>['audit'];
export type AuditEvent = Parameters<Audit>[0];

/** What a decision learns on its way, for its audit event. Never a token, a code or a key. */
export interface Trail {
  interaction?: string;
  subject?: string;
  presentedThumbprint?: string;
  expectedThumbprint?: string;
  evidence?: Record<string, string>;
}

/**
 * Runs one decision and writes exactly one audit event for it: allowed when it returns, refused with the precise reason
 * when it throws. The error goes on unchanged.
 */
export async function recordDecision<T>(
  audit: Audit,
  action: string,
  trail: Trail,
  decide: (trail: Trail) => Promise<T>,
): Promise<T> {
  try {
    const result = await decide(trail);
    audit({ action, outcome: 'allowed', ...trail });
    return result;
  } catch (error) {
    audit({ action, outcome: 'refused', reason: reasonOf(error), ...trail });
    throw error;
  }
}

const reasonOf = (error: unknown): string => (error instanceof Problem ? (error.reason ?? error.kind) : 'unexpected');
