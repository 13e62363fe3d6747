import { beforeEach, describe, expect, it } from 'vitest';
import { refuse } from '../../errors.ts';
import { ALICE, engineFixture, expectRefusal, locationOf, push } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { approveAuthorization, askForConsent, denyAuthorization } from '../authorize/consent.ts';
import type { NewConsent } from '../authorize/consent-holder.ts';
import type { PendingRequest } from '../authorize/take-up.ts';
import { takeUpRequest } from '../authorize/take-up.ts';
import { endAbandonedConsents } from '../revocation/end-abandoned-consents.ts';

let f: EngineFixture;
let pending: PendingRequest;
let since: Date;
beforeEach(async () => {
  f = await engineFixture();
  const { request_uri: requestUri } = await push(f);
  pending = await takeUpRequest(f.engine, [
    ['client_id', 'first'],
    ['request_uri', requestUri],
  ]);
  since = f.clock.now();
});

async function approve(...accounts: string[]): Promise<string> {
  const { hash } = await askForConsent(f.engine, pending, ALICE, since);
  return locationOf(await approveAuthorization(f.engine, pending, ALICE, since, { shown: hash, accounts })).search;
}

/** The bank records it, and then the answer, or the process that waited for it, is lost. */
async function loseHalfWay(...accounts: string[]): Promise<void> {
  const { bank } = f;
  const honest = bank.authorize.bind(bank);
  bank.authorize = async (consent: NewConsent) => {
    await honest(consent);
    throw refuse('temporarily_unavailable', 'consent_holder_unavailable', { show: 'page' });
  };
  await expectRefusal(f, approve(...accounts), 'temporarily_unavailable', 'consent_holder_unavailable');
  bank.authorize = honest;
}

const keys = () => f.bank.consents.map(({ requestId }) => requestId);

describe('an approval that was lost half-way', () => {
  it('grants nothing, and is not ended while the person may still come back', async () => {
    await loseHalfWay('acc-1');
    expect(f.state.grants.size).toBe(0);
    f.clock.advance(300);
    expect(await endAbandonedConsents(f.engine)).toBe(0);
    expect(f.bank.endedRequests).toEqual([]);
  });

  it('succeeds when it is made again, under the same key, so that the bank has one consent', async () => {
    await loseHalfWay('acc-1', 'acc-2');
    expect(await approve('acc-2', 'acc-1')).toContain('code=');
    expect(new Set(keys()).size).toBe(1);
    f.clock.advance(3600);
    expect(await endAbandonedConsents(f.engine)).toBe(0);
  });

  it('gives way to another selection, and what the bank recorded first is ended', async () => {
    await loseHalfWay('acc-1');
    expect(await approve('acc-2')).toContain('code=');
    const [first, second] = keys();
    expect(first).not.toBe(second);
    f.clock.advance(61);
    expect(await endAbandonedConsents(f.engine)).toBe(1);
    expect(f.bank.endedRequests).toEqual([first]);
    expect([...f.state.grants.values()]).toMatchObject([{ authorizationDetails: [{ accounts: ['acc-2'] }] }]);
  });

  it('is ended when its request has run out', async () => {
    await loseHalfWay('acc-1');
    f.clock.advance(691);
    expect(await endAbandonedConsents(f.engine)).toBe(1);
    expect(f.bank.endedRequests).toEqual(keys());
    expect(await endAbandonedConsents(f.engine)).toBe(0);
  });

  it('is ended at the next round when the bank is away at first', async () => {
    await loseHalfWay('acc-1');
    f.clock.advance(691);
    f.bank.away = refuse('temporarily_unavailable', 'consent_holder_unavailable');
    expect(await endAbandonedConsents(f.engine)).toBe(0);
    f.bank.away = undefined;
    expect(await endAbandonedConsents(f.engine)).toBe(1);
  });
});

describe('an approval that is sent twice', () => {
  it('grants once, and the consent stays open for the grant', async () => {
    const twice = await Promise.allSettled([approve('acc-1'), approve('acc-1')]);
    expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    f.clock.advance(3600);
    expect(await endAbandonedConsents(f.engine)).toBe(0);
  });
});

describe('an approval that a denial overtakes', () => {
  it('grants nothing and leaves no consent open at the bank [RFC6749-4.1.2.1]', async () => {
    const { bank } = f;
    const honest = bank.authorize.bind(bank);
    bank.authorize = async (consent: NewConsent) => {
      const id = await honest(consent);
      await denyAuthorization(f.engine, pending, ALICE).catch(() => undefined);
      return id;
    };
    await expectRefusal(f, approve('acc-1'), 'invalid_request_uri', 'request_uri_used');
    expect(f.state.grants.size).toBe(0);
    expect(await endAbandonedConsents(f.engine)).toBe(0);
    f.clock.advance(61);
    expect(await endAbandonedConsents(f.engine)).toBe(1);
    expect(bank.endedRequests).toEqual(keys());
    const evidence = { request: keys()[0]?.slice(0, 12) };
    expect(f.events.at(-1)).toEqual({ action: 'consent.end_abandoned', outcome: 'allowed', evidence });
  });
});

describe('the key a consent is recorded under', () => {
  it('gives the handle of the request away to nobody', async () => {
    await approve('acc-1');
    expect(JSON.stringify(f.bank.consents)).not.toContain(pending.requestUri.split(':').at(-1));
    expect(keys()[0]).toMatch(/^[\w-]{43}$/);
  });

  it('is another for the same wishes in another request', async () => {
    await approve('acc-1');
    const { request_uri: requestUri } = await push(f);
    pending = await takeUpRequest(f.engine, [
      ['client_id', 'first'],
      ['request_uri', requestUri],
    ]);
    await approve('acc-1');
    expect(new Set(keys()).size).toBe(2);
  });
});
