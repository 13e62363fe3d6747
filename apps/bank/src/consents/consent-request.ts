import { createHash } from 'node:crypto';
import type { ConsentAction, ConsentReason, ConsentRequest } from './consent.ts';
import { ConsentRefused, isConsentAction, LONGEST_CONSENT_DAYS } from './consent.ts';

const DAY = 86_400_000;

/** Our choice, no clause: longer than any id of ours, short enough that no record becomes a dump. */
const LONGEST_TEXT = 200;
const MOST_ACCOUNTS = 100;

/** A consent request whose form has been judged; whose accounts they are, only the store can say. */
export type CheckedConsentRequest = Omit<ConsentRequest, 'actions'> & { readonly actions: readonly ConsentAction[] };

/**
 * Judges everything about a consent request that needs no database.
 * @throws ConsentRefused with the first reason found
 */
export function checkConsentRequest(request: ConsentRequest, now: Date): CheckedConsentRequest {
  checkTexts([request.requestId, request.customerId, request.clientId, request.clientName]);
  const accountIds = checkList(request.accountIds, 'accounts_missing', 'accounts_repeated');
  const actions = checkList(request.actions, 'actions_missing', 'action_repeated').map((action) => {
    if (isConsentAction(action)) return action;
    throw new ConsentRefused('action_unknown');
  });
  return { ...request, accountIds, actions, expiresAt: checkExpiry(request.expiresAt, now) };
}

/**
 * Fingerprint of what is asked, independent of the order of accounts and actions: a repeated request must match it, and a
 * reused key with a wider list must not.
 */
export function contentHash(request: ConsentRequest): string {
  const content = [
    request.customerId,
    request.clientId,
    request.clientName,
    [...request.accountIds].sort(),
    [...request.actions].sort(),
    request.expiresAt.getTime(),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}

function checkTexts(texts: readonly string[]): void {
  if (texts.some((text) => text.trim() === '')) throw new ConsentRefused('request_incomplete');
  if (texts.some((text) => text.length > LONGEST_TEXT)) throw new ConsentRefused('request_too_long');
}

function checkList(list: readonly string[], whenEmpty: ConsentReason, whenRepeated: ConsentReason): readonly string[] {
  if (list.length === 0) throw new ConsentRefused(whenEmpty);
  if (list.length > MOST_ACCOUNTS) throw new ConsentRefused('request_too_long');
  if (new Set(list).size !== list.length) throw new ConsentRefused(whenRepeated);
  return [...list].sort();
}

function checkExpiry(expiresAt: Date, now: Date): Date {
  const lifetime = expiresAt.getTime() - now.getTime();
  if (lifetime > LONGEST_CONSENT_DAYS * DAY) throw new ConsentRefused('expiry_too_far');
  if (lifetime > 0) return expiresAt;
  throw new ConsentRefused('expiry_in_past');
}
