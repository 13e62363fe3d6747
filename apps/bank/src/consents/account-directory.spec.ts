import { ConsentStatus } from '@holdfast/rpc/bank';
import type { AccountDirectoryClient, AuthorizeConsentRequest } from '@holdfast/rpc/bank';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BankUnderTest, HOLDERS } from '../testing/bank-under-test.ts';

describe('the account directory', () => {
  let bank: BankUnderTest;
  let directory: AccountDirectoryClient;
  let alices: string[];

  beforeAll(async () => {
    bank = await BankUnderTest.prepare();
    await bank.start();
    directory = bank.directory();
    const { accounts } = await directory.listShareableAccounts({ customerId: HOLDERS.alice });
    alices = accounts.map(({ id }) => id);
  });
  afterAll(async () => {
    await directory.close();
    await bank.close();
  });

  const request = (changes: Partial<AuthorizeConsentRequest> = {}): AuthorizeConsentRequest => ({
    requestId: 'request-1',
    customerId: HOLDERS.alice,
    clientId: 'tidepool',
    clientName: 'Tidepool',
    accountIds: alices.slice(0, 2),
    actions: ['list_accounts'],
    expiresAt: Math.floor(Date.now() / 1000) + 3600,
    ...changes,
  });
  const refusedConnections = () => bank.audit().filter(({ action }) => action === 'bank.rpc.connection');
  // gRPC tries again by itself: a handshake may still be refused after the client that asked for it was closed.
  const lastEvent = () =>
    bank
      .audit()
      .filter(({ action }) => action !== 'bank.rpc.connection')
      .at(-1);

  // G04: authenticated is not authorised. Every method, as every service that is not on its list.
  it.each(['lab/service', 'bank/service'] as const)('is closed to %s, method by method', async (service) => {
    const intruder = bank.directory(service);
    const calls = {
      ListShareableAccounts: () => intruder.listShareableAccounts({ customerId: HOLDERS.alice }),
      AuthorizeConsent: () => intruder.authorizeConsent(request({ requestId: 'intruder' })),
      RevokeConsent: () => intruder.revokeConsent({ consentId: 'con_any' }),
    };
    for (const [method, call] of Object.entries(calls)) {
      await expect(call()).rejects.toMatchObject({ code: 'permission_denied' });
      expect(lastEvent()).toMatchObject({
        action: 'bank.rpc.call',
        outcome: 'refused',
        reason: 'caller_not_listed',
        presentedThumbprint: bank.pki.peer(service).thumbprint,
        evidence: { method: `holdfast.bank.v1.AccountDirectory/${method}`, caller: service.split('/')[0] },
      });
    }
    await intruder.close();
  });

  it('is closed to a participant, whose authority is another', async () => {
    const intruder = bank.directory('fintech/transport');
    await expect(intruder.listShareableAccounts({ customerId: HOLDERS.alice })).rejects.toMatchObject({
      code: 'unavailable',
    });
    await intruder.close();
    const refused = { outcome: 'refused', reason: 'certificate_untrusted' };
    await expect.poll(() => refusedConnections().at(-1)).toMatchObject(refused);
  });

  it.each<[string, string, () => Partial<AuthorizeConsentRequest>]>([
    ['permission_denied', 'account_not_of_customer', () => ({ customerId: HOLDERS.bob })],
    ['not_found', 'customer_unknown', () => ({ customerId: 'cus-nobody' })],
    ['invalid_argument', 'accounts_missing', () => ({ accountIds: [] })],
    ['invalid_argument', 'action_unknown', () => ({ actions: ['move_money'] })],
    ['invalid_argument', 'expiry_in_past', () => ({ expiresAt: 0 })],
    ['invalid_argument', 'request_incomplete', () => ({ requestId: '' })],
  ])('answers %s to a consent with %s', async (code, reason, changes) => {
    await expect(directory.authorizeConsent(request({ requestId: 'refused', ...changes() }))).rejects.toMatchObject({
      code,
    });
    expect(lastEvent()).toMatchObject({
      action: 'bank.consent.authorize',
      outcome: 'refused',
      reason,
      client: 'tidepool',
    });
  });

  it('answers already_exists to a request id that was used for something else', async () => {
    await directory.authorizeConsent(request({ requestId: 'reused' }));
    const wider = request({ requestId: 'reused', accountIds: alices });
    await expect(directory.authorizeConsent(wider)).rejects.toMatchObject({ code: 'already_exists' });
    expect(lastEvent()).toMatchObject({ outcome: 'refused', reason: 'request_id_reused' });
  });

  it.each(['cus-nobody', ''])('lists no accounts of "%s"', async (customerId) => {
    const code = customerId === '' ? 'invalid_argument' : 'not_found';
    await expect(directory.listShareableAccounts({ customerId })).rejects.toMatchObject({ code });
  });

  it('answers not_found to the end of a consent it does not know', async () => {
    await expect(directory.revokeConsent({ consentId: 'con_made-up' })).rejects.toMatchObject({ code: 'not_found' });
    expect(lastEvent()).toMatchObject({ action: 'bank.consent.revoke', outcome: 'refused', reason: 'consent_unknown' });
  });

  it.each<[string, string, string, { consentId: string; requestId?: string }]>([
    ['a request id nobody used', 'not_found', 'consent_unknown', { consentId: '', requestId: 'never-asked' }],
    ['neither id', 'invalid_argument', 'request_incomplete', { consentId: '' }],
    ['both ids', 'invalid_argument', 'request_incomplete', { consentId: 'con_any', requestId: 'never-asked' }],
  ])('ends nothing for %s', async (_, code, reason, ids) => {
    await expect(directory.revokeConsent(ids)).rejects.toMatchObject({ code });
    expect(lastEvent()).toMatchObject({ action: 'bank.consent.revoke', outcome: 'refused', reason });
  });

  it('ends a consent by the request it was recorded under, and no other one', async () => {
    const lost = (await directory.authorizeConsent(request({ requestId: 'answer-lost' }))).consent;
    const kept = (await directory.authorizeConsent(request({ requestId: 'answer-kept' }))).consent;
    for (let times = 0; times < 2; times += 1) {
      const { consent } = await directory.revokeConsent({ consentId: '', requestId: 'answer-lost' });
      expect(consent).toMatchObject({ consentId: lost?.consentId, status: ConsentStatus.REVOKED });
    }
    expect(lastEvent()).toMatchObject({ outcome: 'allowed', client: 'tidepool', subject: HOLDERS.alice });
    expect((await directory.authorizeConsent(request({ requestId: 'answer-kept' }))).consent).toEqual(kept);
  });

  it('lists what a person recognises an account by, and neither balance nor number', async () => {
    const { accounts } = await directory.listShareableAccounts({ customerId: HOLDERS.alice });
    expect(accounts).toHaveLength(4);
    expect(accounts[0]).toEqual({
      id: expect.stringMatching(/^acc_[\w-]{27}$/),
      displayName: 'Everyday account',
      maskedNumber: '**** 4821',
      currency: 'GBP',
      type: 'current',
    });
    expect(lastEvent()).toMatchObject({ action: 'bank.accounts.offer', outcome: 'allowed', subject: HOLDERS.alice });
  });

  it('records one consent for fifty identical calls, and ends it once for all', async () => {
    const wish = request({ requestId: 'fifty' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => directory.authorizeConsent(wish)));
    const ids = new Set(answers.map(({ consent }) => consent?.consentId));
    expect(ids.size).toBe(1);
    const [consentId = ''] = ids;
    expect(answers[0]?.consent).toMatchObject({
      clientId: 'tidepool',
      status: ConsentStatus.AUTHORIZED,
      expiresAt: wish.expiresAt,
    });
    for (let times = 0; times < 2; times += 1) {
      const { consent } = await directory.revokeConsent({ consentId });
      expect(consent?.status).toBe(ConsentStatus.REVOKED);
    }
    expect((await directory.authorizeConsent(wish)).consent?.status).toBe(ConsentStatus.REVOKED);
  });
});
