import type { Audit, Clock, Trail } from '@holdfast/fapi';
import type { Kysely } from 'kysely';
import type {
  AccountDirectoryHandlers,
  AuthorizeConsentRequest,
  Consent as WireConsent,
  ShareableAccount,
} from '@holdfast/rpc/bank';
import { ConsentStatus } from '@holdfast/rpc/bank';
import type { RpcCode } from '@holdfast/rpc';
import { RpcError } from '@holdfast/rpc';
import type { BankTables } from '../ledger/tables.ts';
import type { Consent, ConsentReason } from './consent.ts';
import { ConsentRefused } from './consent.ts';
import type { ConsentStore } from './consent-store.ts';

/** What the calling service gets to know of each reason. */
const CODE: Readonly<Record<ConsentReason, RpcCode>> = {
  request_id_reused: 'already_exists',
  request_incomplete: 'invalid_argument',
  request_too_long: 'invalid_argument',
  customer_unknown: 'not_found',
  accounts_missing: 'invalid_argument',
  accounts_repeated: 'invalid_argument',
  account_not_of_customer: 'permission_denied',
  actions_missing: 'invalid_argument',
  action_unknown: 'invalid_argument',
  action_repeated: 'invalid_argument',
  expiry_in_past: 'invalid_argument',
  expiry_too_far: 'invalid_argument',
  consent_unknown: 'not_found',
};

export interface AccountDirectoryParts {
  readonly db: Kysely<BankTables>;
  readonly consents: ConsentStore;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** The bank's side of the conversation with the authorization server, while a customer decides what to share. */
export function accountDirectory(parts: AccountDirectoryParts): AccountDirectoryHandlers {
  const { db, consents, clock, audit } = parts;
  return {
    listShareableAccounts: ({ customerId }) =>
      decided(audit, 'bank.accounts.offer', { subject: customerId }, async () => ({
        accounts: await shareableAccounts(db, customerId),
      })),
    authorizeConsent: (request) =>
      decided(audit, 'bank.consent.authorize', trailOf(request), async (trail) => {
        const consent = await consents.authorize(requestOf(request), clock.now());
        note(trail, { consent: consent.id, state: consent.state });
        return { consent: onTheWire(consent) };
      }),
    revokeConsent: ({ consentId, requestId = '' }) =>
      decided(audit, 'bank.consent.revoke', named(consentId, requestId), async (trail) => {
        // Both ids could name two consents, and neither names one.
        if ((consentId === '') === (requestId === '')) throw new ConsentRefused('request_incomplete');
        const now = clock.now();
        const consent = await (requestId === ''
          ? consents.revoke(consentId, now)
          : consents.revokeRequested(requestId, now));
        Object.assign(trail, { client: consent.clientId, subject: consent.customerId });
        note(trail, { consent: consent.id });
        return { consent: onTheWire(consent) };
      }),
  };
}

/** One call, one audit event, and a refusal the other side can understand. */
async function decided<T>(
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
    const reason = error instanceof ConsentRefused ? error.reason : 'unexpected';
    audit({ action, outcome: 'refused', reason, ...trail });
    if (error instanceof ConsentRefused) throw new RpcError(CODE[error.reason], error.message);
    throw error;
  }
}

async function shareableAccounts(db: Kysely<BankTables>, customerId: string): Promise<ShareableAccount[]> {
  if (customerId === '') throw new ConsentRefused('request_incomplete');
  const customer = await db.selectFrom('customers').select('id').where('id', '=', customerId).executeTakeFirst();
  if (!customer) throw new ConsentRefused('customer_unknown');
  const rows = await db
    .selectFrom('accounts')
    .selectAll()
    .where('customer_id', '=', customerId)
    .orderBy('opened_on')
    .orderBy('id')
    .execute();
  return rows.map(({ id, display_name, masked_number, currency, type }) => ({
    id,
    displayName: display_name,
    maskedNumber: masked_number,
    currency,
    type,
  }));
}

const requestOf = (request: AuthorizeConsentRequest) => ({
  ...request,
  expiresAt: new Date(request.expiresAt * 1000),
});

function onTheWire(consent: Consent): WireConsent {
  return {
    consentId: consent.id,
    customerId: consent.customerId,
    clientId: consent.clientId,
    clientName: consent.clientName,
    accountIds: consent.accountIds,
    actions: consent.actions,
    expiresAt: Math.floor(consent.expiresAt.getTime() / 1000),
    // The contract has no word for "expired": its AUTHORIZED means "in force until expires_at".
    status: consent.state === 'revoked' ? ConsentStatus.REVOKED : ConsentStatus.AUTHORIZED,
  };
}

const trailOf = (request: AuthorizeConsentRequest): Trail => ({
  client: request.clientId,
  subject: request.customerId,
  evidence: { request: request.requestId.slice(0, 12) },
});

const named = (consent: string, requestId: string): Trail => ({
  evidence: {
    ...(consent === '' ? {} : { consent }),
    ...(requestId === '' ? {} : { request: requestId.slice(0, 12) }),
  },
});

const note = (trail: Trail, facts: Record<string, string>): void => {
  trail.evidence = { ...trail.evidence, ...facts };
};
