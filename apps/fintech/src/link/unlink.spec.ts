import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from '../testing/browser.ts';
import { invalidClient } from '../testing/little-authorization-server.ts';
import type { World } from '../testing/tidepool-under-test.ts';
import { linkBank, openWorld } from '../testing/tidepool-under-test.ts';

let world: World;
let browser: Browser;
beforeEach(async () => {
  world = await openWorld();
  browser = world.browser();
  await linkBank(world, browser);
  await browser.get('/connection');
});
afterEach(() => world.close());

describe('unlinking', () => {
  it.each([
    ['hangs up', () => undefined, 'revoke_unanswered'],
    ['fails', () => ({ status: 500 }), 'revoke_unanswered'],
    ['is busy', () => ({ status: 503 }), 'revoke_unanswered'],
    ['says no', () => ({ status: 400, body: { error: 'unsupported_token_type' } }), 'revoke_unsupported_token_type'],
    ['redirects', () => ({ status: 302, headers: { location: '/' } }), 'revoke_answer_unusable'],
    ['does not know us', invalidClient, 'revoke_invalid_client'],
  ])('keeps the link and says so when the login service %s [RFC7009-2.2.1]', async (_title, revocation, reason) => {
    world.as.mischief = { revocation };
    const seen = await browser.post('/unlink');
    expect(seen.location).toBe('/connection?notice=unlink_failed');
    expect((await browser.get(seen.location ?? '')).html).toContain('the link is still there');
    expect((await browser.get('/accounts')).status).toBe(200);
    expect(world.audit('link.unlink')).toMatchObject([{ outcome: 'refused', reason }]);
  });

  it('revokes the refresh token over mutual TLS, then forgets [RFC7009-2.1]', async () => {
    const [refreshToken] = world.as.refreshTokens.keys();
    const seen = await browser.post('/unlink');
    expect(seen.location).toBe('/?notice=unlinked');
    const [revocation, ...more] = world.as.callsTo('/revoke');
    expect(more).toEqual([]);
    expect(Object.fromEntries(revocation?.form ?? [])).toEqual({
      client_id: 'tidepool',
      token: refreshToken,
      token_type_hint: 'refresh_token',
    });
    expect(revocation?.certificate).toBe(world.pki.peer('fintech/transport').thumbprint);
    expect((await browser.get('/accounts')).location).toBe('/');
    expect(world.audit('link.unlink')).toMatchObject([{ outcome: 'allowed', subject: 'cus-alice-7302' }]);
  });

  it('of a connection the bank has ended needs nobody', async () => {
    world.as.withdrawAll();
    await browser.get('/accounts');
    world.as.mischief = { revocation: () => undefined };
    await browser.get('/connection');
    expect((await browser.post('/unlink')).location).toBe('/?notice=unlinked');
  });

  it('twice does nothing the second time', async () => {
    await browser.post('/unlink');
    expect((await browser.post('/unlink')).location).toBe('/');
    expect(world.as.callsTo('/revoke')).toHaveLength(1);
  });
});

describe('linking again', () => {
  it('replaces the link, and the access of the old one is withdrawn', async () => {
    const [first] = world.as.refreshTokens.keys();
    world.as.accessTokens.clear();
    world.as.mischief = { refresh: () => ({ status: 400, body: { error: 'temporarily_unavailable' } }) };
    await browser.get('/');
    const start = await browser.post('/link');
    world.as.mischief = {};
    await browser.get(world.as.agree(start.location ?? ''));
    await world.tidepool.withdrawal.soon();
    expect([...world.as.refreshTokens.keys()]).not.toContain(first);
    expect(world.as.refreshTokens.size).toBe(1);
    expect((await browser.get('/accounts')).status).toBe(200);
  });
});
