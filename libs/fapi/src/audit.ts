import { OAuthError } from './errors.ts';

/**
 * One decision, told to the audit trail: who asked for what, what was decided and precisely why. Never holds a token, a
 * code, an assertion or a key; thumbprints and ids are enough to find the case again.
 */
export interface AuditEvent {
  /** What was asked, as `<endpoint>.<verb>`: `par.push`, `token.code`, `bank.accounts.list`. */
  readonly action: string;
  readonly outcome: 'allowed' | 'refused';
  /** The private reason of a refusal. */
  readonly reason?: string;
  /** The public code the caller got to see. */
  readonly error?: string;
  readonly client?: string;
  readonly subject?: string;
  readonly grant?: string;
  /** `x-fapi-interaction-id` of the request. */
  readonly interaction?: string;
  /** `x5t#S256` of the certificate on the live connection. */
  readonly presentedThumbprint?: string;
  /** `x5t#S256` the token, or the registration, calls for. */
  readonly expectedThumbprint?: string;
  readonly evidence?: Readonly<Record<string, string>>;
}

export type Audit = (event: AuditEvent) => void;

/** What a decision learns on its way; the audit event is written from it, whichever way the decision ends. */
export type Trail = {
  -readonly [
    K in 'client' | 'subject' | 'grant' | 'interaction' | 'presentedThumbprint' | 'expectedThumbprint'
  ]?: string;
} & { evidence?: Readonly<Record<string, string>> };

/**
 * Runs one decision and writes exactly one audit event for it: `allowed` when it returns, `refused` with the private
 * reason when it throws. Errors that are not refusals are written as `unexpected` and go on unchanged.
 *
 * @param audit where the event goes
 * @param action what is being decided
 * @param trail facts known before the decision starts
 * @param decide the decision; it adds to the trail what it learns
 */
export async function audited<T>(
  audit: Audit,
  action: string,
  trail: Trail,
  decide: (trail: Trail) => Promise<T> | T,
): Promise<T> {
  try {
    const result = await decide(trail);
    audit({ action, outcome: 'allowed', ...facts(trail) });
    return result;
  } catch (error) {
    audit({ action, outcome: 'refused', ...reasonOf(error), ...facts(trail, error) });
    throw error;
  }
}

function reasonOf(error: unknown): { reason: string; error: string } {
  if (error instanceof OAuthError) return { reason: error.reason, error: error.code };
  return { reason: 'unexpected', error: 'server_error' };
}

function facts(trail: Trail, error?: unknown): Omit<AuditEvent, 'action' | 'outcome'> {
  const { evidence: known, ...rest } = trail;
  // A refusal brings its thumbprints as evidence; they have a place of their own in the event.
  const { expectedThumbprint, presentedThumbprint, ...evidence } = {
    ...known,
    ...(error instanceof OAuthError ? error.evidence : {}),
  };
  return {
    ...rest,
    ...(expectedThumbprint === undefined ? {} : { expectedThumbprint }),
    ...(presentedThumbprint === undefined ? {} : { presentedThumbprint }),
    ...(Object.keys(evidence).length > 0 ? { evidence } : {}),
  };
}
