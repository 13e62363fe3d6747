import { refuse } from '@holdfast/fapi';
import type { AuthorizationDetail, VerifiedCaller } from '@holdfast/fapi/rs';
import { requireDetail } from '@holdfast/fapi/rs';
import type { Consent, ConsentAction } from './consent.ts';

/** `type` of the authorization details this bank honours. RFC9396-2. */
export const DETAIL_TYPE = 'account_information';

/** Where consents are read; the store in production. */
export interface ConsentReader {
  find(id: string, now: Date): Promise<Consent | undefined>;
}

class Access {
  // Keeps the type nominal: the ledger takes nothing else, so no account is read past the customer's consent.
  readonly #granted = true;
  readonly customerId: string;
  readonly consentId: string;
  /** In the token's list and in the consent's list. */
  readonly accountIds: ReadonlySet<string>;

  constructor(consent: Consent, named: readonly string[]) {
    this.customerId = consent.customerId;
    this.consentId = consent.id;
    this.accountIds = new Set(consent.accountIds.filter((id) => named.includes(id)));
  }

  get granted(): true {
    return this.#granted;
  }
}

/** The right to do one thing with some accounts of one customer, checked against the bank's own record a moment ago. */
export type ConsentedAccess = Access;

export interface AccessQuestion {
  readonly caller: VerifiedCaller;
  readonly action: ConsentAction;
  /** This bank's name; the detail must be meant for it. */
  readonly audience: string;
  readonly now: Date;
}

/**
 * Holds what the token says against what the customer agreed to. The token is at most five minutes old, the customer may
 * have changed their mind one second ago: only the bank's own record counts.
 * FAPI2-SP-FINAL-5.3.4-4 [RS-17] [RS-22], FAPI1-BASE-6.2.1-7 [RS-18], RFC9396-9.1.
 * @throws OAuthError 403 `insufficient_scope`
 */
export async function requireConsent(consents: ConsentReader, question: AccessQuestion): Promise<ConsentedAccess> {
  const { caller, action, now } = question;
  const detail = requireDetail(caller, DETAIL_TYPE, action);
  checkMeantForUs(detail, question.audience);
  // A detail that names no accounts means none, not all.
  if (detail.accounts === undefined) throw lacking('accounts');
  const consent = detail.consent_id === undefined ? undefined : await consents.find(detail.consent_id, now);
  if (consent === undefined) throw inactive('unknown');
  // A consent id is no secret: another client's token that names it must open nothing.
  if (consent.clientId !== caller.clientId) throw inactive('of another client');
  if (consent.customerId !== caller.subject) throw inactive('of another customer');
  if (consent.state !== 'authorised') throw inactive(consent.state);
  if (!consent.actions.includes(action)) throw lacking(action);
  return new Access(consent, detail.accounts);
}

// RFC9396-2 (`locations`): a detail written for another bank says nothing about accounts here.
function checkMeantForUs(detail: AuthorizationDetail, audience: string): void {
  if (!detail.locations.includes(audience)) throw lacking('location');
}

const inactive = (problem: string) =>
  refuse('insufficient_scope', 'consent_not_active', { evidence: { consent: problem } });

const lacking = (needed: string) =>
  refuse('insufficient_scope', 'permission_missing', { evidence: { needed: `${DETAIL_TYPE}:${needed}` } });
