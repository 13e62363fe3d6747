import { refuse } from '@holdfast/fapi';
import type { ConsentHolder } from '@holdfast/fapi/as';
import { RpcError } from '@holdfast/rpc';
import type { AccountDirectoryClient } from '@holdfast/rpc/bank';

/** The bank, asked over gRPC. */
export function consentHolder(bank: AccountDirectoryClient): ConsentHolder {
  return {
    async shareableAccounts(subject) {
      const { accounts } = await asked(() => bank.listShareableAccounts({ customerId: subject }));
      return accounts.map(({ id, displayName, maskedNumber, currency }) => ({
        id,
        name: displayName,
        maskedNumber,
        currency,
      }));
    },
    async authorize({ requestId, subject, client, accounts, actions, expiresAt }) {
      const { consent } = await asked(() =>
        bank.authorizeConsent({
          requestId,
          customerId: subject,
          clientId: client.id,
          clientName: client.name,
          accountIds: accounts,
          actions,
          expiresAt: Math.floor(expiresAt.getTime() / 1000),
        }),
      );
      if (consent === undefined) throw unavailable('no consent in the answer');
      return consent.consentId;
    },
    end: (consentId) => ended(() => bank.revokeConsent({ consentId })),
    endRequested: (requestId) => ended(() => bank.revokeConsent({ consentId: '', requestId })),
  };
}

// A consent the bank does not have is over. Taken for an outage, it would be asked for again in every round, and no consent
// behind it would ever be ended.
async function ended(revoke: () => Promise<unknown>): Promise<void> {
  await asked(async () => {
    try {
      await revoke();
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== 'not_found') throw error;
    }
  });
}

async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    // The bank knows this key with another content, though the key is a fingerprint of it: nobody agreed to that one.
    if (error.code === 'already_exists') throw refuse('invalid_request', 'consent_changed', { show: 'page' });
    throw unavailable(error.code);
  }
}

const unavailable = (problem: string) =>
  refuse('temporarily_unavailable', 'consent_holder_unavailable', { show: 'page', evidence: { problem } });
