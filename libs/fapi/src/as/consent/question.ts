import { createHash, timingSafeEqual } from 'node:crypto';
import { secondsAfter } from '../../clock.ts';
import { refuse } from '../../errors.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import type { ShareableAccount } from '../authorize/consent-holder.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';

/** What a client asks of a person, by whatever way the request came. */
export interface AskedOfPerson {
  /** What the request is known by here. */
  readonly handle: string;
  readonly client: RegisteredClient;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly details: readonly AuthorizationDetail[];
  /** The grant's end counts from here, so that it is the same when the page is shown and when it is approved. */
  readonly since: Date;
}

/** What a person is asked to agree to: exactly what the client asked for, and the accounts to choose from. */
export interface Question {
  readonly client: { readonly id: string; readonly name: string };
  readonly scopes: readonly string[];
  readonly details: readonly AuthorizationDetail[];
  /** Empty when the request does not concern accounts. */
  readonly accounts: readonly ShareableAccount[];
  readonly expiresAt: Date;
}

/** An approval as the form sent it. */
export interface Approval {
  /** The fingerprint of what was shown. */
  readonly shown: string;
  /** Ids of the accounts the person ticked. */
  readonly accounts: readonly string[];
}

/**
 * Puts together what a page shows. The bank is asked which accounts this person may share.
 * @throws OAuthError `temporarily_unavailable` as a page when the bank cannot be asked
 */
export async function questionFor(as: Engine, asked: AskedOfPerson): Promise<Question> {
  const { client, details } = asked;
  return {
    client: { id: client.id, name: client.name },
    scopes: asked.scopes,
    details,
    accounts: details.length > 0 ? await as.consents.shareableAccounts(asked.subject) : [],
    expiresAt: secondsAfter(asked.since, as.profile.grantLifetime),
  };
}

/** Fingerprint of everything that is shown; comes back with the approval. */
export const fingerprintOf = ({ handle, subject }: AskedOfPerson, shown: Question): string =>
  createHash('sha256')
    .update(JSON.stringify([handle, subject, shown]))
    .digest('base64url');

/**
 * Holds an approval against what is asked now. The approval names a fingerprint of what was shown [AUTH-33]. If what
 * would be granted differs (an account closed, the client renamed, another login in this browser), nothing is granted:
 * nobody agreed to that.
 *
 * @returns the accounts that were chosen
 * @throws OAuthError as a local page
 */
export function checkApproval(question: Question & { readonly hash: string }, approval: Approval): readonly string[] {
  const [now, shown] = [Buffer.from(question.hash), Buffer.from(approval.shown)];
  if (now.length !== shown.length || !timingSafeEqual(now, shown))
    throw refuse('invalid_request', 'consent_changed', { show: 'page' });
  return checkSelection(question, approval);
}

// Ticking nothing is not consent, and an account that was not on the page cannot be ticked.
function checkSelection(question: Question, approval: Approval): readonly string[] {
  if (question.details.length === 0) return [];
  const offered = new Set(question.accounts.map(({ id }) => id));
  const chosen = [...new Set(approval.accounts)];
  if (chosen.length === 0 || !chosen.every((id) => offered.has(id)))
    throw refuse('invalid_request', 'consent_selection_invalid', { show: 'page' });
  return chosen;
}
