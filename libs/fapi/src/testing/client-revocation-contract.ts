import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthorizationState, Grant, PushedRequest } from '../as/state.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

const REQUEST: PushedRequest = {
  clientId: 'first',
  redirectUri: 'https://first.test/callback',
  responseType: 'code',
  responseMode: 'query',
  scopes: ['openid'],
  authorizationDetails: [],
  codeChallenge: 'c'.repeat(43),
  usableUntil: after(90).getTime(),
};
const GRANT: Omit<Grant, 'id'> = {
  clientId: 'first',
  subject: 'alice',
  scopes: ['openid'],
  authorizationDetails: [],
  createdAt: NOW,
  expiresAt: after(3600),
};
const { clientId, redirectUri, codeChallenge } = REQUEST;
const COMPLETION = {
  now: NOW,
  issued: { clientId, grantId: 'any', subject: 'alice', redirectUri, codeChallenge, idTokenClaims: {} },
  codeUntil: after(60),
};

/**
 * What every implementation of {@link AuthorizationState} has to do when a client loses everything at once.
 * @param open gives a fresh state, and further replicas on the same data
 */
export function clientRevocationContract(
  open: () => Promise<{ state: AuthorizationState; replica(): Promise<AuthorizationState> }>,
): void {
  let state: AuthorizationState;
  let replicas: readonly [AuthorizationState, AuthorizationState];
  beforeEach(async () => {
    const opened = await open();
    state = opened.state;
    replicas = [state, await opened.replica()];
  });

  describe('revocations of everything a client was given', () => {
    const granted = async (id: string, changes: Partial<Grant> = {}): Promise<void> => {
      const grant = { ...GRANT, id, consentId: `consent-${id}`, ...changes };
      await state.createPushedRequest(`urn:${id}`, REQUEST, after(690));
      await state.completeAuthorization({ ...COMPLETION, requestUri: `urn:${id}`, grant, code: `code-${id}` });
    };
    const revokeAll = (at: AuthorizationState, now = NOW): Promise<readonly string[]> =>
      at.revokeGrantsOfClient('first', 'client:first', 'client_disabled', now, after(360));
    const told = async () => (await state.revocationsSince(new Date(0), NOW)).map(({ id }) => id).toSorted();

    it('leave the grants of other clients alone', async () => {
      await granted('theirs', { clientId: 'second' });
      expect(await revokeAll(state)).toEqual([]);
      expect(await state.findGrant('theirs')).not.toHaveProperty('revokedAt');
      expect(await state.isRevoked('token-1', 'client:second')).toBe(false);
    });

    it('reach every grant in force and what the client has in its own name, each told once, on every replica', async () => {
      await granted('one');
      await granted('two', { subject: 'bob' });
      await granted('over', { expiresAt: NOW });
      await granted('revoked');
      await state.revokeGrant('revoked', 'withdrawn_by_person', NOW, after(360));
      expect((await revokeAll(replicas[1])).toSorted()).toEqual(['one', 'two']);
      expect(await told()).toEqual(['client:first', 'one', 'revoked', 'two']);
      expect(await replicas[0].findGrant('one')).toMatchObject({ revokedAt: NOW });
      expect(await replicas[0].isRevoked('token-1', 'client:first')).toBe(true);
      expect(await state.grantsWithOpenConsent(10)).toHaveLength(3);
    });

    it('count anew for what it has in its own name when they are made again', async () => {
      await revokeAll(state);
      expect(await revokeAll(replicas[1], after(9))).toEqual([]);
      expect(await state.revocationsSince(after(9), after(9))).toMatchObject([{ id: 'client:first' }]);
    });
  });
}
