import { beforeEach, describe, expect, it } from 'vitest';
import type { CibaApproval, CibaRequest, CibaState } from '../as/ciba/ciba-state.ts';
import type { AuthorizationState } from '../as/state.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const PACE = { tolerance: 1, slowDownBy: 5, max: 60 };
const PING = { authReqId: 'auth-req-1', token: 'token-of-the-client' };

const request = (changes: Partial<CibaRequest> = {}): CibaRequest => ({
  id: 'request-1',
  clientId: 'first',
  subject: 'alice',
  scopes: ['openid'],
  authorizationDetails: [{ type: 'account_information', actions: ['read_balances'], locations: ['https://bank.test'] }],
  bindingMessage: '1234',
  asksForAcr: true,
  askedAt: NOW,
  expiresAt: after(300),
  interval: 5,
  ...changes,
});

const approval = (changes: Partial<CibaApproval> = {}, grantId = 'grant-1'): CibaApproval => ({
  id: 'request-1',
  now: NOW,
  grant: {
    id: grantId,
    clientId: 'first',
    subject: 'alice',
    scopes: ['openid'],
    authorizationDetails: [],
    createdAt: NOW,
    expiresAt: after(3600),
  },
  idTokenClaims: { acr: 'urn:acr' },
  ...changes,
});

const refreshToken = (token: string) => ({ token, grantId: 'grant-1', issuedAt: NOW, until: after(3600) });

const RACERS = 50;
async function race(run: (racer: number) => Promise<boolean>): Promise<number> {
  const results = await Promise.all(Array.from({ length: RACERS }, (_, racer) => run(racer)));
  return results.filter(Boolean).length;
}

/**
 * What every implementation of {@link CibaState} has to do.
 * @param open gives a fresh state, and further replicas on the same data
 */
export function cibaStateContract(
  open: () => Promise<{ state: AuthorizationState; replica(): Promise<AuthorizationState> }>,
): void {
  let state: AuthorizationState;
  let replicas: readonly [CibaState, CibaState];

  beforeEach(async () => {
    const opened = await open();
    state = opened.state;
    replicas = [state, await opened.replica()];
  });
  const at = (racer: number): CibaState => replicas[racer % 2 === 0 ? 0 : 1];

  describe('signed requests', () => {
    it('are remembered per client, and no id runs into another [CIBA-CORE-7.1.1]', async () => {
      expect(await state.recordSignedRequest('first', 'jti-1', after(60))).toBe(true);
      expect(await replicas[1].recordSignedRequest('first', 'jti-1', after(60))).toBe(false);
      expect(await state.recordSignedRequest('second', 'jti-1', after(60))).toBe(true);
      // A client assertion with the same id is another thing.
      expect(await state.recordAssertion('first', 'jti-1', after(60))).toBe(true);
      expect(await state.recordSignedRequest('a b', 'c', after(60))).toBe(true);
      expect(await state.recordSignedRequest('a', 'b c', after(60))).toBe(true);
    });

    it('are taken by one of fifty, on two replicas [CIBA-CORE-7.1.1]', async () => {
      expect(await race((racer) => at(racer).recordSignedRequest('first', 'jti-1', after(60)))).toBe(1);
    });
  });

  describe('requests to a person', () => {
    it('are unknown by any other id', async () => {
      await state.createCibaRequest(request());
      expect(await state.findCibaRequest('request-2')).toBeUndefined();
      expect(await state.approveCibaRequest(approval({ id: 'request-2' }))).toBe(false);
      expect(await state.denyCibaRequest('request-2', NOW)).toBe(false);
      expect(await state.redeemCibaRequest('request-2', NOW, undefined)).toBe(false);
    });

    it('come back as they were kept, also after their time [CIBA-CORE-11]', async () => {
      await state.createCibaRequest(request({ ping: PING }));
      expect(await replicas[1].findCibaRequest('request-1')).toEqual({
        request: request({ ping: PING }),
        decision: undefined,
        used: false,
      });
    });

    it('wait for their person alone, oldest first, until they are decided or over', async () => {
      await state.createCibaRequest(request({ id: 'later', askedAt: after(2) }));
      await state.createCibaRequest(request({ id: 'early', askedAt: after(1), expiresAt: after(10) }));
      await state.createCibaRequest(request({ id: 'decided', askedAt: after(3) }));
      await state.createCibaRequest(request({ id: 'of-bob', subject: 'bob' }));
      await state.denyCibaRequest('decided', NOW);
      const waiting = async (now: Date) => (await state.cibaRequestsWaitingFor('alice', now)).map(({ id }) => id);
      expect(await waiting(NOW)).toEqual(['early', 'later']);
      expect(await waiting(after(10))).toEqual(['later']);
      expect(await waiting(after(300))).toEqual([]);
    });
  });

  describe('decisions', () => {
    beforeEach(() => state.createCibaRequest(request()));

    it('are not taken once the time is over, and nothing is written', async () => {
      expect(await state.approveCibaRequest(approval({ now: after(300) }))).toBe(false);
      expect(await state.denyCibaRequest('request-1', after(300))).toBe(false);
      expect(await state.findGrant('grant-1')).toBeUndefined();
      expect(await state.findCibaRequest('request-1')).toMatchObject({ decision: undefined });
    });

    it('are not changed by a later one, and nothing is written', async () => {
      expect(await state.denyCibaRequest('request-1', NOW)).toBe(true);
      expect(await state.approveCibaRequest(approval())).toBe(false);
      expect(await state.findGrant('grant-1')).toBeUndefined();
      expect(await state.findCibaRequest('request-1')).toMatchObject({ decision: { kind: 'denied' } });
    });

    it('are made by one of fifty, on two replicas, and one grant is written', async () => {
      const winners = await race((racer) =>
        racer % 5 === 0
          ? at(racer).denyCibaRequest('request-1', NOW)
          : at(racer).approveCibaRequest(approval({}, `grant-${racer}`)),
      );
      expect(winners).toBe(1);
      const grants = await Promise.all(Array.from({ length: RACERS }, (_, i) => state.findGrant(`grant-${i}`)));
      const decision = (await state.findCibaRequest('request-1'))?.decision;
      expect(grants.filter((grant) => grant !== undefined).map((grant) => grant.id)).toEqual(
        decision?.kind === 'approved' ? [decision.grantId] : [],
      );
    });

    it('are told with the grant and what the ID token will say', async () => {
      await state.approveCibaRequest(approval());
      expect(await replicas[1].findCibaRequest('request-1')).toMatchObject({
        decision: { kind: 'approved', grantId: 'grant-1', idTokenClaims: { acr: 'urn:acr' } },
        used: false,
      });
      expect(await state.findGrant('grant-1')).toEqual(approval().grant);
    });
  });

  describe('the consent behind an approval', () => {
    const note = (id: string, at = NOW) => state.noteConsentRequest(id, 'request-1', at);
    const abandoned = (at: Date) => state.abandonedConsentRequests(at, at, 10);
    beforeEach(() => state.createCibaRequest(request()));

    it('is answered for by the grant from the approval on', async () => {
      await note('consent-request-1');
      expect(await state.approveCibaRequest(approval({ consentRequest: 'consent-request-1' }))).toBe(true);
      expect(await abandoned(after(3600))).toEqual([]);
    });

    it('is not abandoned while its request waits: the person may come back to it', async () => {
      await note('consent-request-1');
      expect(await abandoned(after(299))).toEqual([]);
      expect(await abandoned(after(300))).toEqual(['consent-request-1']);
    });

    it('is abandoned when the request was decided otherwise', async () => {
      await note('consent-request-1');
      await note('consent-request-2');
      await state.approveCibaRequest(approval({ consentRequest: 'consent-request-2' }));
      expect(await abandoned(after(60))).toEqual(['consent-request-1']);
    });

    it('has to be there still: otherwise nothing is approved, and nothing is written', async () => {
      await note('consent-request-1');
      await state.forgetConsentRequest('consent-request-1');
      expect(await state.approveCibaRequest(approval({ consentRequest: 'consent-request-1' }))).toBe(false);
      expect(await state.findGrant('grant-1')).toBeUndefined();
      expect(await state.findCibaRequest('request-1')).toMatchObject({ decision: undefined });
    });

    it('goes with a grant that its client never came for, and with no other', async () => {
      await state.approveCibaRequest(approval());
      await state.createCibaRequest(request({ id: 'fetched' }));
      await state.approveCibaRequest(approval({ id: 'fetched' }, 'grant-2'));
      await state.redeemCibaRequest('fetched', NOW, undefined);
      expect(await state.unclaimedGrants(after(299), 10)).toEqual([]);
      expect(await state.unclaimedGrants(after(300), 10)).toEqual(['grant-1']);
    });
  });

  describe('redemption', () => {
    beforeEach(() => state.createCibaRequest(request()));

    it('is refused before a decision, after a denial and after the time, and nothing is written', async () => {
      expect(await state.redeemCibaRequest('request-1', NOW, refreshToken('refresh-1'))).toBe(false);
      await state.approveCibaRequest(approval());
      expect(await state.redeemCibaRequest('request-1', after(300), refreshToken('refresh-1'))).toBe(false);
      await state.createCibaRequest(request({ id: 'denied' }));
      await state.denyCibaRequest('denied', NOW);
      expect(await state.redeemCibaRequest('denied', NOW, refreshToken('refresh-1'))).toBe(false);
      expect(await state.findRefreshToken('refresh-1', NOW)).toBeUndefined();
    });

    it('is won by one of fifty, on two replicas, and writes one refresh token [CIBA-CORE-11]', async () => {
      await state.approveCibaRequest(approval());
      const winners = await race((racer) =>
        at(racer).redeemCibaRequest('request-1', NOW, refreshToken(`refresh-${racer}`)),
      );
      expect(winners).toBe(1);
      const tokens = await Promise.all(
        Array.from({ length: RACERS }, (_, i) => state.findRefreshToken(`refresh-${i}`, NOW)),
      );
      expect(tokens.filter((token) => token !== undefined)).toHaveLength(1);
      expect(await state.findCibaRequest('request-1')).toMatchObject({ used: true });
    });
  });

  describe('polling', () => {
    beforeEach(() => state.createCibaRequest(request()));
    const poll = (seconds: number) => state.pollCibaRequest('request-1', after(seconds), PACE);

    it('is in time at first, and then each time the interval was kept [CIBA-CORE-7.3]', async () => {
      expect([await poll(0), await poll(5), await poll(10)]).toEqual([true, true, true]);
    });

    it('may be a little ahead, as networks go', async () => {
      expect([await poll(0), await poll(4), await poll(8)]).toEqual([true, true, true]);
    });

    it('that comes too soon makes the interval five seconds longer, for good [CIBA-CORE-11]', async () => {
      expect([await poll(0), await poll(3)]).toEqual([true, false]);
      // Each counts from the one before it: ten seconds, then fifteen, less the tolerance.
      expect([await poll(11), await poll(25)]).toEqual([false, true]);
      expect([await poll(38), await poll(57)]).toEqual([false, true]);
    });

    it('that comes too soon fifty times is heard again after a minute', async () => {
      for (let i = 0; i < 50; i++) await poll(0);
      expect([await poll(60)]).toEqual([true]);
    });

    it('by fifty at once is in time for one, on two replicas [CIBA-CORE-11]', async () => {
      expect(await race((racer) => at(racer).pollCibaRequest('request-1', NOW, PACE))).toBe(1);
    });
  });

  describe('pings', () => {
    beforeEach(() => state.createCibaRequest(request({ ping: PING })));
    const take = (from: CibaState, seconds: number) => from.takeDuePings(after(seconds), after(seconds + 30), 10);
    const due = { id: 'request-1', clientId: 'first', subject: 'alice', ...PING, attempt: 1 };

    it('are not due before a decision, and never for a client that polls', async () => {
      await state.createCibaRequest(request({ id: 'polled' }));
      await state.denyCibaRequest('polled', NOW);
      expect(await take(state, 3600)).toEqual([]);
    });

    it('are due with either decision [CIBA-CORE-10.2]', async () => {
      await state.createCibaRequest(request({ id: 'other', ping: { ...PING, authReqId: 'auth-req-2' } }));
      await state.approveCibaRequest(approval());
      await state.denyCibaRequest('other', NOW);
      const taken = await take(state, 0);
      expect(taken.toSorted((a, b) => (a.id < b.id ? 1 : -1))).toEqual([
        due,
        { ...due, id: 'other', authReqId: 'auth-req-2' },
      ]);
    });

    it('are taken by one of fifty, on two replicas', async () => {
      await state.denyCibaRequest('request-1', NOW);
      expect(await race(async (racer) => (await take(at(racer), 0)).length === 1)).toBe(1);
    });

    it('come back when whoever took them died', async () => {
      await state.denyCibaRequest('request-1', NOW);
      await take(state, 0);
      expect(await take(replicas[1], 29)).toEqual([]);
      expect(await take(replicas[1], 30)).toEqual([{ ...due, attempt: 2 }]);
    });

    it('come back when they were put off until', async () => {
      await state.denyCibaRequest('request-1', NOW);
      await take(state, 0);
      await state.putOffPing('request-1', after(5));
      expect(await take(state, 4)).toEqual([]);
      expect(await take(state, 5)).toEqual([{ ...due, attempt: 2 }]);
    });

    it('are gone when they have ended, and so is what they carried', async () => {
      await state.denyCibaRequest('request-1', NOW);
      await take(state, 0);
      await state.endPing('request-1');
      expect(await take(state, 3600)).toEqual([]);
      expect((await state.findCibaRequest('request-1'))?.request).toEqual(request());
    });

    it('are taken no more at a time than asked for', async () => {
      await state.createCibaRequest(request({ id: 'other', ping: PING }));
      await state.denyCibaRequest('request-1', NOW);
      await state.denyCibaRequest('other', NOW);
      expect(await state.takeDuePings(NOW, after(30), 1)).toHaveLength(1);
      expect(await state.takeDuePings(NOW, after(30), 10)).toHaveLength(1);
    });
  });
}
