/** What a customer may let a client do with the accounts of one consent. RFC9396-2 (`actions`). */
export const CONSENT_ACTIONS = ['list_accounts', 'read_balances', 'read_transactions'] as const;

export type ConsentAction = (typeof CONSENT_ACTIONS)[number];

export type ConsentState = 'authorised' | 'revoked' | 'expired';

/** The bank's own record of what a customer agreed to. A token names it; only this record decides. */
export interface Consent {
  readonly id: string;
  readonly customerId: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly accountIds: readonly string[];
  readonly actions: readonly ConsentAction[];
  readonly state: ConsentState;
  readonly authorisedAt: Date;
  readonly expiresAt: Date;
}

/** What the authorization server passes on after the customer approved. */
export interface ConsentRequest {
  /** Idempotency key: the same request asked twice yields one consent. */
  readonly requestId: string;
  readonly customerId: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly accountIds: readonly string[];
  readonly actions: readonly string[];
  readonly expiresAt: Date;
}

/** Our choice, no clause: half a year, the longest time after which a customer should be asked again. */
export const LONGEST_CONSENT_DAYS = 180;

export type ConsentReason =
  | 'request_id_reused'
  | 'request_incomplete'
  | 'request_too_long'
  | 'customer_unknown'
  | 'accounts_missing'
  | 'accounts_repeated'
  | 'account_not_of_customer'
  | 'actions_missing'
  | 'action_unknown'
  | 'action_repeated'
  | 'expiry_in_past'
  | 'expiry_too_far'
  | 'consent_unknown';

/** A consent that was not given, or not found; `reason` is for the audit trail and for the calling service. */
export class ConsentRefused extends Error {
  readonly reason: ConsentReason;

  constructor(reason: ConsentReason) {
    super(`consent refused: ${reason}`);
    this.name = 'ConsentRefused';
    this.reason = reason;
  }
}

export const isConsentAction = (text: string): text is ConsentAction =>
  (CONSENT_ACTIONS as readonly string[]).includes(text);
