import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthorizationCompletion, AuthorizationState, Grant, PushedRequest } from '../as/state.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

const REQUEST: PushedRequest = {
  clientId: 'first',
  redirectUri: 'https://first.test/callback',
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
  issued: { clientId: 'first', grantId: 'grant-1', redirectUri: REQUEST.redirectUri, codeChallenge: 'c'.repeat(43) },
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

    it('lets one of fifty redeem a code, on two replicas, and writes one refresh token [FAPI2-SP-FINAL-5.3.2.2-9]', async () => {
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
}
