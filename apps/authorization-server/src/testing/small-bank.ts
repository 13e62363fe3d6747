import { refuse } from '@holdfast/fapi';
import type { ConsentHolder, NewConsent } from '@holdfast/fapi/as';

/** A bank for the pages: two accounts for everybody, and the consents it was asked to keep and to end. */
export class SmallBank implements ConsentHolder {
  away = false;
  readonly consents: NewConsent[] = [];
  readonly ended: string[] = [];

  async shareableAccounts() {
    this.#answer();
    return [
      { id: 'acc-1', name: 'Everyday account', maskedNumber: '**** 4821', currency: 'GBP' },
      { id: 'acc-2', name: 'Savings <b>', maskedNumber: '**** 7302', currency: 'EUR' },
    ];
  }

  async authorize(consent: NewConsent) {
    this.#answer();
    this.consents.push(consent);
    return `consent-${this.consents.length}`;
  }

  async end(consentId: string) {
    this.#answer();
    this.ended.push(consentId);
  }

  async endRequested(requestId: string) {
    this.#answer();
    this.ended.push(requestId);
  }

  #answer(): void {
    if (this.away) throw refuse('temporarily_unavailable', 'consent_holder_unavailable', { show: 'page' });
  }
}
