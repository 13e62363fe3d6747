import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthorizationCompletion, AuthorizationState, Grant, PushedRequest } from '../as/state.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

const REQUEST: PushedRequest = {
  clientId: 'first',
  redirectUri: 'https://first.test/callback',
  responseType: 'code',
  responseMode: 'query',
  state: 'state',
  scopes: ['openid'],
  authorizationDetails: [{ type: 'account_information', actions: ['read_balances'], locations: ['https://bank.test'] }],
  codeChallenge: 'c'.repeat(43),
  usableUntil: after(90).getTime(),
};

const GRANT: Grant = {
  id: 'grant-1',
  clientId: 'first',
  subject: 'alice',
  scopes: ['openid'],
  authorizationDetails: REQUEST.authorizationDetails,
  consentId: 'consent-1',
  createdAt: NOW,
  expiresAt: after(3600),
};

const completion = (overrides: Partial<AuthorizationCompletion> = {}): AuthorizationCompletion => ({
  requestUri: 'urn:request',
  now: NOW,
  grant: GRANT,
  code: 'code-1',
  issued: {
    clientId: 'first',
    grantId: 'grant-1',
    subject: 'alice',
    redirectUri: REQUEST.redirectUri,
    codeChallenge: 'c'.repeat(43),
    idTokenClaims: {},
  },
  codeUntil: after(60),
  ...overrides,
});

const refreshToken = (token: string) => ({ token, grantId: 'grant-1', issuedAt: NOW, until: after(3600) });

/** How many racers a race has. */
const RACERS = 50;

async function race(run: (racer: number) => Promise<boolean>): Promise<number> {
  const results = await Promise.all(Array.from({ length: RACERS }, (_, racer) => run(racer)));
  return results.filter(Boolean).length;
}

/**
 * What every implementation of {@link AuthorizationState} has to do.
 * @param open gives a fresh state, and further replicas on the same data
 */
export function authorizationStateContract(
  open: () => Promise<{ state: AuthorizationState; replica(): Promise<AuthorizationState> }>,
): void {
  let state: AuthorizationState;
  let replicas: readonly [AuthorizationState, AuthorizationState];

  beforeEach(async () => {
    const opened = await open();
    state = opened.state;
    replicas = [state, await opened.replica()];
  });

  const at = (racer: number): AuthorizationState => replicas[racer % 2 === 0 ? 0 : 1];

  describe('pushed requests', () => {
    beforeEach(() => state.createPushedRequest('urn:request', REQUEST, after(690)));

    it('knows nothing of a handle it did not make [RFC9126-2.2]', async () => {
      expect(await state.findPushedRequest('urn:other', NOW)).toBeUndefined();
    });

    it('forgets a request that has expired [RFC9126-2.2]', async () => {
      expect(await state.findPushedRequest('urn:request', after(690))).toBeUndefined();
      expect(await state.completeAuthorization(completion({ now: after(690) }))).toBe(false);
    });

    it('writes nothing when the request was used before [FAPI2-SP-FINAL-5.3.2.2-12]', async () => {
      expect(await state.refuseAuthorization('urn:request', NOW)).toBe(true);
      expect(await state.completeAuthorization(completion())).toBe(false);
      expect(await state.findGrant('grant-1')).toBeUndefined();
      expect(await state.findCode('code-1', NOW)).toBeUndefined();
    });

    it('lets one of fifty complete a request, on two replicas [FAPI2-SP-FINAL-5.3.2.2-12]', async () => {
      const winners = await race((racer) =>
        at(racer).completeAuthorization(
          completion({ grant: { ...GRANT, id: `grant-${racer}` }, code: `code-${racer}` }),
        ),
      );
      expect(winners).toBe(1);
      const codes = await Promise.all(Array.from({ length: RACERS }, (_, i) => state.findCode(`code-${i}`, NOW)));
      expect(codes.filter((code) => code !== undefined)).toHaveLength(1);
    });

    it('gives a request back as it was pushed, however often it is looked at', async () => {
      await state.findPushedRequest('urn:request', NOW);
      expect(await state.findPushedRequest('urn:request', NOW)).toEqual({ request: REQUEST, used: false });
    });

    it('still knows a used request as used', async () => {
      await state.completeAuthorization(completion());
      expect(await state.findPushedRequest('urn:request', after(30))).toMatchObject({ used: true });
    });
  });

  describe('codes', () => {
    beforeEach(async () => {
      await state.createPushedRequest('urn:request', REQUEST, after(690));
      await state.completeAuthorization(completion());
    });

    it('knows nothing of a code it did not make', async () => {
      expect(await state.findCode('code-2', NOW)).toBeUndefined();
      expect(await state.redeemCode('code-2', NOW, undefined)).toBe(false);
    });

    it('tells that a code has expired [FAPI2-SP-FINAL-5.3.2.1-11]', async () => {
      expect(await state.findCode('code-1', after(60))).toMatchObject({ expired: true, used: false });
    });

    it('lets one of fifty redeem a code, on two replicas, and writes one refresh token [FAPI2-SP-FINAL-5.3.2.2-9] [TOK-21]', async () => {
      const winners = await race((racer) => at(racer).redeemCode('code-1', NOW, refreshToken(`refresh-${racer}`)));
      expect(winners).toBe(1);
      const tokens = await Promise.all(
        Array.from({ length: RACERS }, (_, i) => state.findRefreshToken(`refresh-${i}`, NOW)),
      );
      expect(tokens.filter((token) => token !== undefined)).toHaveLength(1);
    });

    it('knows a used code as used, also long after it has expired [RFC6749-4.1.2]', async () => {
      await state.redeemCode('code-1', NOW, undefined);
      expect(await state.findCode('code-1', after(3600))).toMatchObject({ used: true });
      expect(await state.redeemCode('code-1', NOW, undefined)).toBe(false);
    });

    it('gives back what a code stands for', async () => {
      expect(await state.findCode('code-1', NOW)).toEqual({
        issued: completion().issued,
        used: false,
        expired: false,
      });
    });
  });

  describe('refresh tokens and grants', () => {
    beforeEach(async () => {
      await state.createPushedRequest('urn:request', REQUEST, after(690));
      await state.completeAuthorization(completion());
      await state.redeemCode('code-1', NOW, refreshToken('refresh-1'));
    });

    it('knows nothing of a refresh token it did not make', async () => {
      expect(await state.findRefreshToken('refresh-2', NOW)).toBeUndefined();
    });

    it('does not give out a refresh token that has expired', async () => {
      const found = await state.findRefreshToken('refresh-1', after(3600));
      expect(found === undefined || found.expired).toBe(true);
    });

    it('serves fifty refreshes at once from one refresh token, which none of them uses up [FAPI2-SP-FINAL-5.3.2.1-9]', async () => {
      const served = await race(async (racer) => {
        const found = await at(racer).findRefreshToken('refresh-1', NOW);
        return found?.grantId === 'grant-1' && !found.expired;
      });
      expect(served).toBe(RACERS);
    });

    it('lets one of fifty replace a refresh token after an incident, on two replicas [FAPI2-SP-FINAL-5.3.2.1-9]', async () => {
      const winners = await race((racer) =>
        at(racer).replaceRefreshToken('refresh-1', refreshToken(`successor-${racer}`), NOW),
      );
      expect(winners).toBe(1);
      expect(await state.findRefreshToken('refresh-1', NOW)).toMatchObject({ replaced: true });
      const successors = await Promise.all(
        Array.from({ length: RACERS }, (_, i) => state.findRefreshToken(`successor-${i}`, NOW)),
      );
      expect(successors.filter((found) => found !== undefined)).toHaveLength(1);
    });

    it('lets one of fifty revoke a grant, on two replicas, and records it once [RFC7009-2.1]', async () => {
      const winners = await race((racer) => at(racer).revokeGrant('grant-1', 'revoked_by_client', NOW, after(360)));
      expect(winners).toBe(1);
      expect(await state.revocationsSince(new Date(0), NOW)).toHaveLength(1);
      expect(await replicas[1].findGrant('grant-1')).toMatchObject({ revokedAt: NOW });
    });

    it('cannot revoke a grant that does not exist', async () => {
      expect(await state.revokeGrant('grant-2', 'revoked_by_client', NOW, after(360))).toBe(false);
      expect(await state.revocationsSince(new Date(0), NOW)).toHaveLength(0);
    });

    it('gives a grant back as it was made', async () => {
      expect(await state.findGrant('grant-1')).toEqual(GRANT);
    });
  });

  describe('revocations', () => {
    it('tells a revoked access token and a revoked grant from the rest', async () => {
      await state.createPushedRequest('urn:request', REQUEST, after(690));
      await state.completeAuthorization(completion());
      await state.revokeAccessToken('token-1', NOW, after(300));
      await state.revokeGrant('grant-1', 'code_used', NOW, after(360));
      expect(await state.isRevoked('token-1', 'grant-9')).toBe(true);
      expect(await state.isRevoked('token-9', 'grant-1')).toBe(true);
      expect(await state.isRevoked('grant-1', 'token-1')).toBe(false);
      expect(await state.isRevoked('token-9', 'grant-9')).toBe(false);
    });

    it('revokes an access token twice without complaint [RFC7009-2.2]', async () => {
      await state.revokeAccessToken('token-1', NOW, after(300));
      await state.revokeAccessToken('token-1', after(1), after(300));
      expect(await state.revocationsSince(new Date(0), NOW)).toHaveLength(1);
    });

    it('lists what was revoked since, and leaves out what cannot matter any more', async () => {
      await state.revokeAccessToken('early', NOW, after(300));
      await state.revokeAccessToken('late', after(10), after(310));
      const ids = async (since: Date, now: Date) => (await state.revocationsSince(since, now)).map(({ id }) => id);
      expect(await ids(new Date(0), NOW)).toEqual(['early', 'late']);
      expect(await ids(after(10), NOW)).toEqual(['late']);
      expect(await ids(new Date(0), after(300))).toEqual(['late']);
    });

    it('remembers whose consent the bank has not been told of', async () => {
      await state.createPushedRequest('urn:request', REQUEST, after(690));
      await state.completeAuthorization(completion());
      expect(await state.grantsWithOpenConsent(10)).toEqual([]);
      await state.revokeGrant('grant-1', 'revoked_by_client', NOW, after(360));
      expect(await state.grantsWithOpenConsent(10)).toEqual([{ grantId: 'grant-1', consentId: 'consent-1' }]);
      await state.markConsentEnded('grant-1');
      expect(await state.grantsWithOpenConsent(10)).toEqual([]);
    });
  });

  describe('client assertions', () => {
    it('are refused the second time, at whatever replica [RFC7523-3-7]', async () => {
      expect(await replicas[0].recordAssertion('first', 'jti-1', after(70))).toBe(true);
      expect(await replicas[1].recordAssertion('first', 'jti-1', after(70))).toBe(false);
      expect(await replicas[0].recordAssertion('first', 'jti-1', after(700))).toBe(false);
    });

    it('are counted for each client by itself, and never run into one another', async () => {
      expect(await state.recordAssertion('first', 'jti-1', after(70))).toBe(true);
      expect(await state.recordAssertion('second', 'jti-1', after(70))).toBe(true);
      expect(await state.recordAssertion('first","x', 'jti-1', after(70))).toBe(true);
    });

    it('win once of fifty at once, on two replicas [RFC7523-3-7]', async () => {
      expect(await race((racer) => at(racer).recordAssertion('first', 'jti-1', after(70)))).toBe(1);
    });
  });

  describe('DPoP proofs', () => {
    it('are known again, also on another replica, whatever else was sent with the key [RFC9449-11.1]', async () => {
      expect(await replicas[0].recordProof('key-1', 'proof-1', after(70))).toBe(true);
      expect(await replicas[1].recordProof('key-1', 'proof-1', after(70))).toBe(false);
      expect(await replicas[0].recordProof('key-1', 'proof-1', after(700))).toBe(false);
    });

    it('are counted for each key by itself: nobody uses up the proofs of another', async () => {
      expect(await state.recordProof('key-1', 'proof-1', after(70))).toBe(true);
      expect(await state.recordProof('key-2', 'proof-1', after(70))).toBe(true);
      expect(await state.recordProof('key-1', 'proof-2', after(70))).toBe(true);
      // A `jti` may hold anything, also what separates the two in a store.
      expect(await state.recordProof('a b', 'c', after(70))).toBe(true);
      expect(await state.recordProof('a', 'b c', after(70))).toBe(true);
    });

    it('are taken by one of fifty, on two replicas [RFC9449-11.1]', async () => {
      expect(await race((racer) => at(racer).recordProof('key-1', 'proof-1', after(70)))).toBe(1);
    });
  });

  describe('what a person has granted', () => {
    const granted = async (grant: Grant): Promise<void> => {
      await state.createPushedRequest(`urn:${grant.id}`, REQUEST, after(690));
      await state.completeAuthorization(completion({ requestUri: `urn:${grant.id}`, grant, code: `code-${grant.id}` }));
    };
    const listed = async (subject: string, now: Date) => (await state.listGrants(subject, now)).map(({ id }) => id);

    it('does not list what somebody else granted', async () => {
      await granted(GRANT);
      expect(await listed('bob', NOW)).toEqual([]);
      expect(await listed('alice', NOW)).toEqual(['grant-1']);
    });

    it('does not list what was revoked, nor what has run out', async () => {
      await granted({ ...GRANT, id: 'revoked' });
      await granted({ ...GRANT, id: 'brief', expiresAt: after(10) });
      await granted({ ...GRANT, id: 'alive' });
      await state.revokeGrant('revoked', 'withdrawn_by_person', NOW, after(360));
      expect(await listed('alice', after(10))).toEqual(['alive']);
    });

    it('is listed as it was made, the newest first', async () => {
      await granted({ ...GRANT, id: 'older' });
      await granted({ ...GRANT, id: 'newer', createdAt: after(5) });
      expect(await listed('alice', after(5))).toEqual(['newer', 'older']);
      expect((await state.listGrants('alice', NOW))[1]).toEqual({ ...GRANT, id: 'older' });
    });
  });

  describe('a grant whose code was never redeemed', () => {
    beforeEach(async () => {
      await state.createPushedRequest('urn:request', REQUEST, after(690));
      await state.completeAuthorization(completion());
    });

    it('is not unclaimed before the code has run out', async () => {
      expect(await state.unclaimedGrants(after(59), 10)).toEqual([]);
      expect(await state.unclaimedGrants(after(60), 10)).toEqual(['grant-1']);
    });

    it('is not unclaimed once the code was redeemed, with or without a refresh token', async () => {
      await replicas[1].redeemCode('code-1', NOW, undefined);
      expect(await state.unclaimedGrants(after(9000), 10)).toEqual([]);
    });

    it('is not unclaimed once it was revoked', async () => {
      await state.revokeGrant('grant-1', 'never_claimed', NOW, after(360));
      expect(await state.unclaimedGrants(after(9000), 10)).toEqual([]);
    });
  });

  describe('consents the bank was asked for', () => {
    const abandoned = (before: Date, now: Date) => state.abandonedConsentRequests(before, now, 10);
    beforeEach(async () => {
      await state.createPushedRequest('urn:request', REQUEST, after(690));
      await state.noteConsentRequest('asked-1', 'urn:request', NOW);
    });

    it('are not abandoned while their request can still be completed', async () => {
      expect(await abandoned(after(600), after(689))).toEqual([]);
    });

    it('are not abandoned once the grant answers for them', async () => {
      expect(await state.completeAuthorization(completion({ consentRequest: 'asked-1' }))).toBe(true);
      expect(await abandoned(after(9000), after(9000))).toEqual([]);
    });

    it('are not abandoned when a second press of the button notes them after the first was completed', async () => {
      await state.completeAuthorization(completion({ consentRequest: 'asked-1' }));
      await replicas[1].noteConsentRequest('asked-1', 'urn:request', after(1));
      expect(await abandoned(after(9000), after(9000))).toEqual([]);
    });

    it('let nothing be completed that rests on one that is gone', async () => {
      await state.forgetConsentRequest('asked-1');
      expect(await state.completeAuthorization(completion({ consentRequest: 'asked-1' }))).toBe(false);
      expect(await state.findGrant('grant-1')).toBeUndefined();
      expect(await state.findPushedRequest('urn:request', NOW)).toMatchObject({ used: false });
    });

    it('are abandoned when the request was denied, but not before the bank can have answered', async () => {
      await state.refuseAuthorization('urn:request', after(1));
      expect(await abandoned(after(-1), after(1))).toEqual([]);
      expect(await abandoned(NOW, after(60))).toEqual(['asked-1']);
    });

    it('are abandoned when the request has run out', async () => {
      expect(await abandoned(NOW, after(690))).toEqual(['asked-1']);
    });

    it('are abandoned when another one was completed in their place', async () => {
      await state.noteConsentRequest('asked-2', 'urn:request', NOW);
      await state.completeAuthorization(completion({ consentRequest: 'asked-2' }));
      expect(await abandoned(NOW, after(60))).toEqual(['asked-1']);
    });

    it('wait anew when the bank is asked again', async () => {
      await state.noteConsentRequest('asked-1', 'urn:request', after(30));
      await state.refuseAuthorization('urn:request', after(31));
      expect(await abandoned(after(29), after(60))).toEqual([]);
      expect(await abandoned(after(30), after(60))).toEqual(['asked-1']);
    });

    it('are abandoned no longer once they were ended', async () => {
      await state.refuseAuthorization('urn:request', NOW);
      await state.forgetConsentRequest('asked-1');
      expect(await abandoned(NOW, after(60))).toEqual([]);
    });
  });
}
