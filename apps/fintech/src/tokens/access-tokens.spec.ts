import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from '../testing/browser.ts';
import { invalidClient, invalidGrant } from '../testing/little-authorization-server.ts';
import type { World } from '../testing/tidepool-under-test.ts';
import { linkBank, openWorld, renewCertificate } from '../testing/tidepool-under-test.ts';

const REFRESH = '/token refresh_token';

let world: World;
let browser: Browser;
beforeEach(async () => {
  world = await openWorld();
  browser = world.browser();
  await linkBank(world, browser);
});
afterEach(() => world.close());

const refreshes = (): number => world.as.callsTo(REFRESH).length;

describe('an access token', () => {
  it('that the bank refuses twice ends in plain words, after one refresh [RFC6750-3.1]', async () => {
    world.bank.mischief = () => ({ status: 401, body: { error: 'invalid_token' } });
    const seen = await browser.get('/accounts');
    expect(seen.status).toBe(403);
    expect(seen.html).toContain('token_rejected_twice');
    expect(refreshes()).toBe(1);
    expect(world.bank.calls).toHaveLength(2);
  });

  it('of a withdrawn grant ends the connection for good, and asks nobody again [RFC6749-5.2]', async () => {
    world.as.withdrawAll();
    expect((await browser.get('/accounts')).html).toContain('grant_ended');
    const calls = world.as.calls.length;
    const again = await browser.get('/accounts');
    expect(again).toMatchObject({ status: 403 });
    expect(again.html).toContain('action="/link"');
    expect(world.as.calls).toHaveLength(calls);
    expect((await browser.get('/connection')).html).toContain('Ended on');
    expect(world.audit('token.refresh').at(-1)).toMatchObject({ outcome: 'refused', reason: 'grant_ended' });
  });

  it('is not lost when our certificate is not recognised: the link stays [RFC8705-2.1]', async () => {
    world.pass(301_000);
    world.as.mischief = { refresh: invalidClient };
    expect((await browser.get('/accounts')).status).toBe(503);
    world.as.mischief = {};
    expect((await browser.get('/accounts')).status).toBe(200);
  });

  it('is not lost when the login service hangs up: the link stays', async () => {
    world.pass(301_000);
    world.as.mischief = { refresh: () => undefined };
    const seen = await browser.get('/accounts');
    expect(seen.status).toBe(503);
    expect(seen.html).toContain('refresh_unanswered');
    world.as.mischief = {};
    expect((await browser.get('/accounts')).status).toBe(200);
  });

  it('is used again while it lives', async () => {
    await browser.get('/accounts');
    await browser.get('/accounts/acc-1');
    expect(refreshes()).toBe(0);
  });

  it('that has run out is refreshed before it is used, once for many pages at the same time', async () => {
    world.pass(301_000);
    world.as.mischief = { refresh: slowly };
    const pages = ['/accounts', '/accounts/acc-1', '/accounts', '/accounts/acc-2', '/accounts'];
    const seen = await Promise.all(pages.map((path) => browser.get(path)));
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(refreshes()).toBe(1);
    expect(world.audit('token.refresh')).toMatchObject([{ outcome: 'allowed', evidence: { why: 'expired' } }]);
  });

  it('that the bank refuses is refreshed once for many pages at the same time [RFC6750-3.1]', async () => {
    world.as.accessTokens.clear();
    world.as.mischief = { refresh: slowly };
    const seen = await Promise.all(Array.from({ length: 5 }, () => browser.get('/accounts')));
    expect(seen.every(({ status }) => status === 200)).toBe(true);
    expect(refreshes()).toBe(1);
    expect(world.audit('token.refresh')).toMatchObject([{ evidence: { why: 'rejected_by_bank' } }]);
  });

  it('of an old certificate is not sent over the new one: a renewed certificate gets a new token [RFC8705-7.1]', async () => {
    await browser.get('/accounts');
    const before = world.bank.calls.at(-1)?.certificate;
    const renewed = await renewCertificate(world);
    expect((await browser.get('/accounts')).status).toBe(200);
    expect(before).not.toBe(renewed);
    expect(world.bank.calls.at(-1)?.certificate).toBe(renewed);
    expect(world.audit('token.refresh')).toMatchObject([
      { presentedThumbprint: renewed, expectedThumbprint: before, evidence: { why: 'certificate_renewed' } },
    ]);
    expect((await browser.get('/connection')).html).toContain(`<code>${renewed}</code>`);
  });

  it('is replaced within the page when the certificate is renewed in the middle of it: nobody sees a failure [RFC8705-6.3]', async () => {
    const before = world.bank.calls.length;
    let renewed: Promise<string> | undefined;
    world.bank.mischief = async () => {
      renewed ??= renewCertificate(world);
      await renewed;
      return undefined;
    };
    expect((await browser.get('/accounts')).status).toBe(200);
    const thumbprint = await renewed;
    const certificates = world.bank.calls.slice(before).map(({ certificate }) => certificate);
    // The list came over the old connection; what followed was refused over the new one, and asked for again.
    expect(new Set(certificates).size).toBe(2);
    expect(certificates.at(-1)).toBe(thumbprint);
    expect(refreshes()).toBe(1);
    expect(world.audit('token.refresh')).toMatchObject([{ outcome: 'allowed', presentedThumbprint: thumbprint }]);
  });

  it('outlives no renewal, and the grant does: the refresh token of before gives a token of the new certificate [RFC8705-6.3]', async () => {
    const [refreshToken] = world.as.refreshTokens.keys();
    for (let renewal = 1; renewal <= 2; renewal++) {
      const thumbprint = await renewCertificate(world);
      expect((await browser.get('/accounts')).status).toBe(200);
      expect(refreshes()).toBe(renewal);
      expect(world.as.callsTo(REFRESH).at(-1)).toMatchObject({ certificate: thumbprint });
      expect(world.as.callsTo(REFRESH).at(-1)?.form.get('refresh_token')).toBe(refreshToken);
    }
  });

  it('without a refresh token ends when it runs out', async () => {
    world.as.mischief = { tokenResponse: ({ refresh_token: _dropped, ...rest }) => rest };
    const other = world.browser();
    await linkBank(world, other);
    expect((await other.get('/accounts')).status).toBe(200);
    world.pass(301_000);
    expect((await other.get('/accounts')).html).toContain('no_refresh_token');
    expect(refreshes()).toBe(0);
  });

  it('comes with a new refresh token when the server sends one, and that one is used from then on', async () => {
    const old = [...world.as.refreshTokens.keys()][0] ?? '';
    const grant = world.as.refreshTokens.get(old) ?? '';
    world.pass(301_000);
    world.as.mischief = {
      refresh: () => {
        const answer = world.as.refreshed(world.as.callsTo(REFRESH).at(-1)!);
        world.as.refreshTokens.set('next-refresh-token', grant);
        world.as.refreshTokens.delete(old);
        return { ...answer, body: { ...(answer.body as object), refresh_token: 'next-refresh-token' } };
      },
    };
    expect((await browser.get('/accounts')).status).toBe(200);
    world.as.mischief = {};
    world.pass(301_000);
    expect((await browser.get('/accounts')).status).toBe(200);
    expect(world.as.callsTo(REFRESH).at(-1)?.form.get('refresh_token')).toBe('next-refresh-token');
  });

  it('is refused when the refresh says no grant while many wait: all are told the same', async () => {
    world.pass(301_000);
    world.as.mischief = { refresh: () => delayed(invalidGrant()) };
    const seen = await Promise.all(Array.from({ length: 4 }, () => browser.get('/accounts')));
    expect(seen.every(({ status, html }) => status === 403 && html.includes('grant_ended'))).toBe(true);
    expect(refreshes()).toBe(1);
  });
});

const delayed = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 150));
const slowly = () => delayed(undefined).then(() => world.as.refreshed(world.as.callsTo(REFRESH).at(-1)!));
