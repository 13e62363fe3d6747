/**
 * The bank, as the authorization server sees it: who owns which accounts, and the consents over them. Implementations
 * throw `temporarily_unavailable` / `consent_holder_unavailable` when the bank cannot be asked.
 */
export interface ConsentHolder {
  /** The accounts this person may share. */
  shareableAccounts(subject: string): Promise<readonly ShareableAccount[]>;
  /**
   * Records a consent. Idempotent by `requestId`, so that a repeated call after a lost answer makes no second consent.
   * @returns the consent's id at the bank
   */
  authorize(consent: NewConsent): Promise<string>;
  /** Ends a consent; ending one twice is no error. */
  end(consentId: string): Promise<void>;
  /** Ends the consent recorded under this `requestId`; that there is none is no error. */
  endRequested(requestId: string): Promise<void>;
}

export interface ShareableAccount {
  readonly id: string;
  readonly name: string;
  readonly maskedNumber: string;
  readonly currency: string;
}

export interface NewConsent {
  readonly requestId: string;
  readonly subject: string;
  readonly client: { readonly id: string; readonly name: string };
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
  readonly expiresAt: Date;
}
