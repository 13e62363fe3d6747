import type { AuthorizationState, Grant } from '@holdfast/fapi/as';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { authorizationState } from './authorization-state.ts';
import { migrations } from './schema.ts';
import type { AuthorizationTables } from './schema.ts';
import { sweepState } from './sweep.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const HOUR = 3600;
const DAY = 24 * HOUR;
const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

describe.each(storesUnderTest())('the sweep on $name', ({ open }) => {
  let store: Store<AuthorizationTables>;
  let state: AuthorizationState;
  beforeEach(async () => {
    store = await open<AuthorizationTables>(migrations);
    state = authorizationState(store);
  });

  async function granted(id: string, changes: Partial<Grant> = { consentId: `consent-${id}` }): Promise<void> {
    const asked = { clientId: 'first', redirectUri: 'https://first.test', codeChallenge: 'c'.repeat(43) };
    const response = { responseType: 'code', responseMode: 'query' } as const;
    const wanted = { scopes: ['openid'], authorizationDetails: [], usableUntil: after(90).getTime() };
    const request = { ...asked, ...response, ...wanted };
    await state.createPushedRequest(`urn:${id}`, request, after(690));
    await state.noteConsentRequest(`asked-${id}`, `urn:${id}`, NOW);
    await state.completeAuthorization({
      requestUri: `urn:${id}`,
      now: NOW,
      consentRequest: `asked-${id}`,
      grant: {
        id,
        clientId: 'first',
        subject: 'alice',
        scopes: ['openid'],
        authorizationDetails: [],
        createdAt: NOW,
        expiresAt: after(90 * DAY),
        ...changes,
      },
      code: `code-${id}`,
      issued: { ...asked, grantId: id, subject: 'alice', idTokenClaims: {} },
      codeUntil: after(60),
    });
  }
  const known = async (id: string): Promise<boolean> => (await state.findGrant(id)) !== undefined;

  it('keeps a grant in force, and one that ran out today', async () => {
    await granted('alive');
    await granted('today', { expiresAt: after(10 * DAY) });
    await sweepState(store, after(11 * DAY - 1));
    expect([await known('alive'), await known('today')]).toEqual([true, true]);
  });

  it('forgets that a client lost what it had in its own name as soon as no token of that can be alive', async () => {
    await state.revokeGrantsOfClient('first', 'client:first', 'client_disabled', NOW, after(360));
    await sweepState(store, after(359));
    expect(await state.isRevoked('token-1', 'client:first')).toBe(true);
    await sweepState(store, after(360));
    expect(await state.isRevoked('token-1', 'client:first')).toBe(false);
  });

  it('keeps a revoked grant until the bank has ended its consent', async () => {
    await granted('revoked');
    await state.revokeGrant('revoked', 'withdrawn_by_person', NOW, after(360));
    await sweepState(store, after(2 * DAY));
    expect(await state.grantsWithOpenConsent(9)).toHaveLength(1);
    await state.markConsentEnded('revoked');
    await sweepState(store, after(DAY - 1));
    expect(await known('revoked')).toBe(true);
    await sweepState(store, after(DAY));
    expect(await known('revoked')).toBe(false);
  });

  it('forgets a grant a day after it ran out, whether or not the bank was told that it was revoked', async () => {
    await granted('over', { expiresAt: after(HOUR) });
    await granted('revoked', { expiresAt: after(HOUR), consentId: 'consent-1' });
    await state.revokeGrant('revoked', 'withdrawn_by_person', NOW, after(360));
    await sweepState(store, after(DAY + HOUR));
    expect([await known('over'), await known('revoked')]).toEqual([false, false]);
  });

  it('forgets a revoked grant without a consent, about which nobody has to be told', async () => {
    await granted('bare', {});
    await state.revokeGrant('bare', 'withdrawn_by_person', NOW, after(360));
    await sweepState(store, after(DAY));
    expect(await known('bare')).toBe(false);
  });

  it('forgets a revocation when no token it concerns can be alive, and not before', async () => {
    await state.revokeAccessToken('token-1', NOW, after(300));
    await sweepState(store, after(300 + DAY - 1));
    expect(await state.isRevoked('token-1', 'none')).toBe(true);
    await sweepState(store, after(300 + DAY));
    expect(await state.isRevoked('token-1', 'none')).toBe(false);
  });

  it('forgets what was noted of a consent when the grant has answered for it for a day, and keeps what is still open', async () => {
    await granted('done');
    await state.noteConsentRequest('open', 'urn:none', NOW);
    await sweepState(store, after(DAY));
    const left = await store.db.selectFrom('consent_request').select('id').execute();
    expect(left).toEqual([{ id: 'open' }]);
    expect(await state.abandonedConsentRequests(after(DAY), after(DAY), 9)).toEqual(['open']);
  });

  it('says how much it took', async () => {
    await granted('over', { expiresAt: after(HOUR) });
    await state.revokeAccessToken('token-1', NOW, after(300));
    expect(await sweepState(store, after(3 * DAY))).toBe(3);
    expect(await sweepState(store, after(3 * DAY))).toBe(0);
  });
});
