import { describe, expect, it } from 'vitest';
import type { ConsentRequest } from './consent.ts';
import { checkConsentRequest, contentHash } from './consent-request.ts';

const NOW = new Date('2026-11-23T15:42:10Z');
const DAY = 86_400_000;
const after = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

const REQUEST: ConsentRequest = {
  requestId: 'request-1',
  customerId: 'cus-alice-7302',
  clientId: 'tidepool',
  clientName: 'Tidepool',
  accountIds: ['acc_2', 'acc_1'],
  actions: ['read_balances', 'list_accounts'],
  expiresAt: after(90 * DAY),
};

describe('the form of a consent request', () => {
  it.each<[string, Partial<ConsentRequest>]>([
    ['accounts_missing', { accountIds: [] }],
    ['accounts_repeated', { accountIds: ['acc_1', 'acc_1'] }],
    ['request_too_long', { accountIds: Array.from({ length: 101 }, (_, index) => `acc_${index}`) }],
    ['actions_missing', { actions: [] }],
    ['action_unknown', { actions: ['list_accounts', 'move_money'] }],
    ['action_unknown', { actions: ['constructor'] }],
    ['action_repeated', { actions: ['list_accounts', 'list_accounts'] }],
    ['expiry_in_past', { expiresAt: NOW }],
    ['expiry_in_past', { expiresAt: new Date(Number.NaN) }],
    ['expiry_too_far', { expiresAt: after(180 * DAY + 1) }],
    ['request_incomplete', { requestId: '' }],
    ['request_incomplete', { customerId: '' }],
    ['request_incomplete', { clientId: ' ' }],
    ['request_incomplete', { clientName: '' }],
    ['request_too_long', { requestId: 'x'.repeat(201) }],
  ])('is refused: %s %o', (reason, changes) => {
    expect(() => checkConsentRequest({ ...REQUEST, ...changes }, NOW)).toThrow(expect.objectContaining({ reason }));
  });

  it.each<Partial<ConsentRequest>>([
    { customerId: 'cus-bob-4418' },
    { clientId: 'other' },
    { clientName: 'Other' },
    { accountIds: ['acc_1'] },
    { actions: ['list_accounts'] },
    { expiresAt: after(90 * DAY + 1000) },
  ])('has another fingerprint with %o', (changes) => {
    expect(contentHash({ ...REQUEST, ...changes })).not.toBe(contentHash(REQUEST));
  });

  it('has one fingerprint in whatever order it names things', () => {
    const turned = { ...REQUEST, accountIds: ['acc_1', 'acc_2'], actions: ['list_accounts', 'read_balances'] };
    expect(contentHash(turned)).toBe(contentHash(REQUEST));
    expect(checkConsentRequest(REQUEST, NOW)).toEqual(turned);
  });

  it('may last half a year to the millisecond', () => {
    const longest = after(180 * DAY);
    expect(checkConsentRequest({ ...REQUEST, expiresAt: longest }, NOW).expiresAt).toEqual(longest);
  });
});
