import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../testing/browser.ts';
import type { World } from '../testing/tidepool-under-test.ts';
import { linkBank, openWorld } from '../testing/tidepool-under-test.ts';

const COOKIE = '__Host-tidepool';
const HOUR = 3_600_000;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const csrfOf = (html: string): string => /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
const cookieHeader = (browser: Browser): string => `${COOKIE}=${browser.cookies.get(COOKIE)}`;

describe('a form', () => {
  type Attempt = (browser: Browser, csrf: string) => Promise<{ status: number }>;
  const send = (browser: Browser, body: string, headers: Record<string, string>) =>
    browser.postRaw('/link', body, headers);
  const faults: readonly [title: string, reason: string, attempt: Attempt][] = [
    ['from another site', 'origin_foreign', (b, csrf) => send(b, `csrf=${csrf}`, { origin: 'https://evil.localhost' })],
    ['from a page that hides its origin', 'origin_foreign', (b, csrf) => send(b, `csrf=${csrf}`, { origin: 'null' })],
    ['without origin', 'origin_missing', (b, csrf) => send(b, `csrf=${csrf}`, {})],
    ['without token', 'csrf_token_missing', (b) => send(b, 'x=1', { origin: world.origin })],
    ['with an empty token', 'csrf_token_mismatch', (b) => send(b, 'csrf=', { origin: world.origin })],
    ['with a guessed token', 'csrf_token_mismatch', (b) => send(b, `csrf=${'A'.repeat(43)}`, { origin: world.origin })],
    ['with two tokens', 'parameter_repeated', (b, csrf) => send(b, `csrf=no&csrf=${csrf}`, { origin: world.origin })],
  ];

  it.each(faults)('is refused %s', async (_title, reason, attempt) => {
    const browser = world.browser();
    const csrf = csrfOf((await browser.get('/')).html);
    const pushed = world.as.callsTo('/par').length;
    expect((await attempt(browser, csrf)).status).toBe(403);
    expect(world.audit('form.post').at(-1)).toMatchObject({ outcome: 'refused', reason, evidence: { route: '/link' } });
    expect(world.as.callsTo('/par')).toHaveLength(pushed);
  });

  it("is refused with the token of another person's visit", async () => {
    const [mallory, alice] = [world.browser(), world.browser()];
    const csrf = csrfOf((await mallory.get('/')).html);
    await alice.get('/');
    expect((await alice.post('/link', { csrf })).status).toBe(403);
    expect(world.audit('form.post').at(-1)).toMatchObject({ reason: 'csrf_token_mismatch' });
  });

  it('is refused without a visit', async () => {
    const browser = world.browser();
    const csrf = csrfOf((await browser.get('/')).html);
    browser.cookies.clear();
    expect((await browser.post('/link', { csrf })).status).toBe(403);
    expect(world.audit('form.post').at(-1)).toMatchObject({ reason: 'session_missing' });
  });

  it.each(['/unlink', '/forget', '/language'])('is refused at %s too', async (path) => {
    const browser = world.browser();
    await linkBank(world, browser);
    expect((await browser.postRaw(path, 'csrf=no', { origin: world.origin })).status).toBe(403);
    expect((await browser.get('/connection')).status).toBe(200);
  });

  it.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain'])('is refused as %s', async (type) => {
    const browser = world.browser();
    const csrf = csrfOf((await browser.get('/')).html);
    const headers = { origin: world.origin, 'content-type': type };
    const seen = await browser.postRaw('/link', JSON.stringify({ csrf }), headers);
    expect(seen.status).toBeGreaterThanOrEqual(400);
    expect(seen.status).toBeLessThan(500);
  });
});

describe('a visit', () => {
  it('has a cookie for this host alone, out of reach of scripts', async () => {
    const [line = ''] = (await world.browser().get('/')).setCookies;
    expect(line).toMatch(/^__Host-tidepool=[\w-]{43};/);
    for (const attribute of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax'])
      expect(line.toLowerCase()).toContain(attribute.toLowerCase());
    expect(line).not.toMatch(/Domain/i);
  });

  it('never takes over a number that the browser brings along', async () => {
    const browser = world.browser();
    browser.cookies.set(COOKIE, 'A'.repeat(43));
    await browser.get('/');
    expect(browser.cookies.get(COOKIE)).not.toBe('A'.repeat(43));
  });

  it('gets a new number when a bank is linked, and the old one opens nothing', async () => {
    const browser = world.browser();
    await browser.get('/');
    const planted = cookieHeader(browser);
    await linkBank(world, browser);
    expect(cookieHeader(browser)).not.toBe(planted);
    const thief = world.browser();
    expect((await thief.get('/accounts', { cookie: planted })).location).toBe('/');
    expect((await browser.get('/accounts')).status).toBe(200);
  });

  it('is unknown when two cookies claim to be it', async () => {
    const browser = world.browser();
    await linkBank(world, browser);
    const twice = `${cookieHeader(browser)}; ${cookieHeader(browser)}`;
    expect((await world.browser().get('/accounts', { cookie: twice })).location).toBe('/');
  });

  it('stores the number only as a hash', async () => {
    const browser = world.browser();
    await browser.get('/');
    const { readFileSync } = await import('node:fs');
    const bytes = ['', '-wal'].map((end) => readFileSync(`${world.home}/data/fintech.sqlite${end}`, 'latin1')).join('');
    expect(bytes).not.toContain(browser.cookies.get(COOKIE));
  });

  it('ends after a day of rest, and its access is withdrawn', async () => {
    const browser = world.browser();
    await linkBank(world, browser);
    const cookie = cookieHeader(browser);
    world.pass(24 * HOUR + 1);
    expect((await world.browser().get('/accounts', { cookie })).location).toBe('/');
    const revoked = world.as.callsTo('/revoke').length;
    await world.tidepool.withdrawal.soon();
    expect(world.as.callsTo('/revoke').length).toBeGreaterThan(revoked);
  });

  it('ends after thirty days however busy it is', async () => {
    const browser = world.browser();
    await linkBank(world, browser);
    const cookie = cookieHeader(browser);
    for (let day = 0; day < 31; day++) {
      await world.browser().get('/connection', { cookie });
      world.pass(23.5 * HOUR);
    }
    expect((await world.browser().get('/connection', { cookie })).location).toBe('/');
  });

  it('that is forgotten is over at once and its access is withdrawn at the bank', async () => {
    const browser = world.browser();
    await linkBank(world, browser);
    await browser.get('/connection');
    const cookie = cookieHeader(browser);
    const seen = await browser.post('/forget');
    expect(seen.location).toBe('/?notice=forgotten');
    expect(browser.cookies.has(COOKIE)).toBe(false);
    await world.tidepool.withdrawal.soon();
    expect((await world.browser().get('/accounts', { cookie })).location).toBe('/');
    expect(world.as.refreshTokens.size).toBe(0);
    expect(world.audit('link.withdraw').at(-1)).toMatchObject({ outcome: 'allowed' });
  });

  it('that is forgotten while the bank is away is over all the same; the access is withdrawn later', async () => {
    const browser = world.browser();
    await linkBank(world, browser);
    await browser.get('/connection');
    world.as.mischief = { revocation: () => undefined };
    expect((await browser.post('/forget')).status).toBe(303);
    await world.tidepool.withdrawal.soon();
    expect(world.as.refreshTokens.size).toBe(1);
    world.as.mischief = {};
    await world.tidepool.withdrawal.soon();
    expect(world.as.refreshTokens.size).toBe(0);
  });
});

describe('the language', () => {
  it('follows the browser, and the choice once one is made', async () => {
    const browser = world.browser();
    const japanese = { 'accept-language': 'fr;q=0.9, ja-JP;q=0.8, en;q=0.1' };
    expect((await browser.get('/', japanese)).html).toContain('<html lang="ja">');
    const back = await browser.post('/language', { language: 'en', return: '/' });
    expect(back).toMatchObject({ status: 303, location: '/' });
    expect((await browser.get('/', japanese)).html).toContain('<html lang="en">');
  });

  it.each([
    'https://evil.localhost/',
    '//evil.localhost',
    '/\\evil.localhost',
    '/callback?code=1',
    '/accounts@evil',
    'javascript:1',
  ])('does not send anybody to %s', async (target) => {
    const browser = world.browser();
    await browser.get('/');
    expect((await browser.post('/language', { language: 'ja', return: target })).location).toBe('/');
  });

  it('is not set to something unknown', async () => {
    const browser = world.browser();
    await browser.get('/');
    const seen = await browser.post('/language', { language: 'xx', return: '/' });
    expect(seen.setCookies).toEqual([]);
  });
});
