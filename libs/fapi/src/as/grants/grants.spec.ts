import { beforeEach, describe, expect, it } from 'vitest';
import { refuse } from '../../errors.ts';
import {
  authorize,
  claimsOf,
  engineFixture,
  expectRefusal,
  redeem,
  refresh,
  tokens,
} from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import type { TokenResponse } from '../token/token-response.ts';
import { findOwnGrant, listGrants } from './overview.ts';
import { endUnclaimedGrants } from './unclaimed.ts';
import { withdrawGrant } from './withdraw.ts';

let f: EngineFixture;
let alices: TokenResponse;
let grantId: string;
beforeEach(async () => {
  f = await engineFixture();
  alices = await tokens(f);
  grantId = String(claimsOf(alices.access_token)['grant_id']);
});

const away = refuse('temporarily_unavailable', 'consent_holder_unavailable', { show: 'page' });

describe('a person cannot withdraw', () => {
  it('what somebody else granted, nor what nobody did, and the two look alike', async () => {
    const foreign = await expectRefusal(f, withdrawGrant(f.engine, 'bob', grantId), 'not_found', 'object_not_found');
    const absent = await expectRefusal(f, withdrawGrant(f.engine, 'bob', 'nobody'), 'not_found', 'object_not_found');
    expect([foreign.status, foreign.show, foreign.description]).toEqual([
      absent.status,
      absent.show,
      absent.description,
    ]);
    expect(f.state.grants.get(grantId)?.revokedAt).toBeUndefined();
  });

  it('nor look at it, nor at one that is over', async () => {
    await expect(findOwnGrant(f.engine, 'bob', grantId)).rejects.toMatchObject({ code: 'not_found', show: 'page' });
    await expect(findOwnGrant(f.engine, 'alice', grantId)).resolves.toMatchObject({ id: grantId });
    f.clock.advance(90 * 24 * 3600);
    await expect(findOwnGrant(f.engine, 'alice', grantId)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a person who withdraws', () => {
  it('ends the refresh token, the access tokens and the consent', async () => {
    await withdrawGrant(f.engine, 'alice', grantId);
    expect(f.events.slice(-2)).toMatchObject([
      { action: 'grant.revoke', reason: 'withdrawn_by_person' },
      {
        action: 'grant.withdraw',
        outcome: 'allowed',
        subject: 'alice',
        client: 'first',
        grant: grantId,
      },
    ]);
    await expectRefusal(f, refresh(f, alices.refresh_token), 'invalid_grant', 'grant_revoked');
    expect(await f.state.isRevoked('any', grantId)).toBe(true);
    expect(await f.state.grantsWithOpenConsent(9)).toEqual([{ grantId, consentId: 'consent-1' }]);
  });

  it('may press the button twice', async () => {
    await withdrawGrant(f.engine, 'alice', grantId);
    await expect(withdrawGrant(f.engine, 'alice', grantId)).resolves.toBeUndefined();
    expect(f.events.at(-1)).toMatchObject({ outcome: 'allowed', evidence: { effect: 'none' } });
    expect(f.state.revocations.size).toBe(1);
  });
});

describe('what a person has granted', () => {
  it('is nobody else’s to see', async () => {
    expect(await listGrants(f.engine, 'bob')).toEqual([]);
  });

  it('is told in their words: the client, the actions, the accounts, since when and until when', async () => {
    expect(await listGrants(f.engine, 'alice')).toEqual([
      {
        id: grantId,
        client: { id: 'first', name: 'Client first' },
        grantedAt: new Date('2026-06-01T12:00:00Z'),
        expiresAt: new Date('2026-08-30T12:00:00Z'),
        scopes: ['openid', 'profile'],
        actions: ['list_accounts', 'read_balances'],
        accounts: [{ id: 'acc-1', name: 'Current', maskedNumber: '••42', currency: 'GBP' }],
        namelessAccounts: 0,
      },
    ]);
  });

  it('can be seen, and so withdrawn, while the bank is away', async () => {
    f.bank.away = away;
    expect(await listGrants(f.engine, 'alice')).toMatchObject([{ id: grantId, accounts: [], namelessAccounts: 1 }]);
    await withdrawGrant(f.engine, 'alice', grantId);
    expect(await listGrants(f.engine, 'alice')).toEqual([]);
  });

  it('counts an account that the bank has closed', async () => {
    f.bank.accounts = [];
    expect(await findOwnGrant(f.engine, 'alice', grantId)).toMatchObject({ accounts: [], namelessAccounts: 1 });
  });

  it('needs nothing of the bank when it opens no accounts', async () => {
    await withdrawGrant(f.engine, 'alice', grantId);
    await tokens(f, { authorization_details: undefined });
    f.bank.shareableAccounts = () => Promise.reject(new Error('asked'));
    expect(await listGrants(f.engine, 'alice')).toMatchObject([{ actions: [], accounts: [], namelessAccounts: 0 }]);
  });
});

describe('a grant whose client never came for its tokens', () => {
  it('is ended, and its consent with it [GM-5.6.1]', async () => {
    const { code } = await authorize(f);
    f.clock.advance(119);
    expect(await endUnclaimedGrants(f.engine)).toBe(0);
    f.clock.advance(1);
    expect(await endUnclaimedGrants(f.engine)).toBe(1);
    expect(f.events.at(-1)).toMatchObject({ action: 'grant.revoke', reason: 'never_claimed', subject: 'alice' });
    await expectRefusal(f, redeem(f, code), 'invalid_grant', 'code_expired');
    expect((await f.state.grantsWithOpenConsent(9)).map(({ consentId }) => consentId)).toEqual(['consent-2']);
    expect(await endUnclaimedGrants(f.engine)).toBe(0);
  });

  it('is not taken for one whose client did', async () => {
    f.clock.advance(3600);
    expect(await endUnclaimedGrants(f.engine)).toBe(0);
    await expect(refresh(f, alices.refresh_token)).resolves.toMatchObject({ token_type: 'Bearer' });
  });
});
