import { storesUnderTest } from '@holdfast/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import type { Browser } from '../testing/browser.ts';
import type { PagesUnderTest } from '../testing/pages-under-test.ts';
import { grantTo, logIn, pagesUnderTest } from '../testing/pages-under-test.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

describe.each(storesUnderTest())('the page of grants on $name', ({ open }) => {
  let world: PagesUnderTest;
  let browser: Browser;
  beforeEach(async () => {
    world = await pagesUnderTest(await open<AuthorizationTables>(migrations));
    browser = world.browser();
  });
  afterEach(() => world.close());

  const revoked = async (grantId: string) => (await world.engine.state.findGrant(grantId))?.revokedAt !== undefined;

  describe('refuses', () => {
    it('to show anything before a login, and asks for one', async () => {
      const grant = await grantTo(world, 'tidepool', 'cus-alice');
      const page = await browser.get('/grants');
      expect(page.status).toBe(200);
      expect(page.html).toContain('id="submit-login"');
      expect(page.html).not.toMatch(/Tidepool|Everyday/);
      expect((await browser.get(`/grants/${grant}/withdraw`)).location).toBe('/grants');
      expect((await browser.post(`/grants/${grant}/withdraw`)).location).toBe('/grants');
      expect(await revoked(grant)).toBe(false);
    });

    it('a wrong password and an unknown name in one way, and shows neither what was typed as password', async () => {
      await browser.get('/grants');
      const wrong = await browser.post('/grants/login', { login: 'alice', password: 'bob-demo' });
      const unknown = await browser.post('/grants/login', { login: 'nobody', password: 'bob-demo' });
      for (const { status, html, location } of [wrong, unknown]) {
        expect([status, location]).toEqual([401, undefined]);
        expect(html).toContain('id="login-failed" data-error="login_wrong"');
        expect(html).not.toContain('bob-demo');
      }
      const withoutName = ({ html }: { html: string }) => html.replace(/value="(alice|nobody)"/, '');
      expect(withoutName(wrong)).toBe(withoutName(unknown));
      expect(world.audit('session.login')).toMatchObject([{ reason: 'password_wrong' }, { reason: 'password_wrong' }]);
    });

    it('to look at a password after too many, with 429 and a time to come back [RFC6585-4]', async () => {
      await browser.get('/grants');
      for (let i = 0; i < 5; i++) await browser.post('/grants/login', { login: 'alice', password: 'wrong' });
      const page = await browser.post('/grants/login', { login: 'alice', password: 'alice-demo' });
      expect([page.status, page.location]).toEqual([429, undefined]);
      expect(Number(page.header('retry-after'))).toBeGreaterThan(0);
      expect(Number(page.header('retry-after'))).toBeLessThanOrEqual(15);
      expect(page.html).toContain('id="login-later" data-error="login_too_often"');
      expect(page.html).toContain('id="error-code">too_many_requests<');
      expect(world.audit('session.login').at(-1)).toMatchObject({ outcome: 'refused', reason: 'login_name_locked' });
      world.pass(15);
      expect((await browser.post('/grants/login', { login: 'alice', password: 'alice-demo' })).status).toBe(303);
    });

    it('to be led elsewhere by whatever comes with the login', async () => {
      await browser.get('/grants?return_to=https://evil.test&next=//evil.test');
      const fields = { login: 'alice', password: 'alice-demo', return_to: 'https://evil.test', next: '//evil.test' };
      expect((await browser.post('/grants/login?next=//evil.test', fields)).location).toBe('/grants');
    });

    it('a form of another site, or without the token, for login, log-out and withdrawal [RFC6749-10.12]', async () => {
      const grant = await grantTo(world, 'tidepool', 'cus-alice');
      const forms = ['/grants/login', '/grants/logout', `/grants/${grant}/withdraw`];
      await logIn(browser, 'alice');
      await browser.get('/grants');
      for (const form of forms) {
        const foreign = await browser.post(form, {}, { origin: 'https://evil.test' });
        const blind = await browser.post(form, { csrf: 'guess' });
        for (const answer of [foreign, blind]) {
          expect([answer.status, answer.location]).toEqual([400, undefined]);
          expect(answer.html).toContain('data-error="form_foreign"');
        }
        await browser.get('/grants');
      }
      expect(world.audit('session.form')).toHaveLength(6);
      expect(await revoked(grant)).toBe(false);
      expect((await browser.get('/grants')).html).toContain('data-client="tidepool"');
    });

    it('somebody else’s grant like one that never was, to look at and to withdraw', async () => {
      const grant = await grantTo(world, 'tidepool', 'cus-alice');
      await logIn(browser, 'bob');
      expect((await browser.get('/grants')).html).not.toContain('Tidepool');
      const without = (html: string) => html.replace(/id="interaction-id">[^<]+/, '');
      for (const ask of [
        (id: string) => browser.get(`/grants/${id}/withdraw`),
        async (id: string) => {
          await browser.get('/grants');
          return browser.post(`/grants/${id}/withdraw`);
        },
      ]) {
        const [foreign, absent] = [await ask(grant), await ask('nobody')];
        expect([foreign.status, absent.status]).toEqual([404, 404]);
        expect(without(foreign.html)).toBe(without(absent.html));
      }
      expect(await revoked(grant)).toBe(false);
      expect(world.audit('grant.withdraw').map(({ reason }) => reason)).toEqual([
        'object_not_found',
        'object_not_found',
      ]);
    });

    it('an old session: after half an hour alone, and after log-out with the old cookie', async () => {
      await grantTo(world, 'tidepool', 'cus-alice');
      await logIn(browser, 'alice');
      world.pass(31 * MINUTE);
      expect((await browser.get('/grants')).html).toContain('id="submit-login"');
      await logIn(browser, 'alice');
      const thief = world.browser();
      for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
      expect((await thief.get('/grants')).html).toContain('Tidepool');
      await browser.get('/grants');
      expect((await browser.post('/grants/logout')).location).toBe('/grants');
      expect((await browser.get('/grants')).html).toContain('id="submit-login"');
      expect((await thief.get('/grants')).html).toContain('id="submit-login"');
      expect(world.audit('session.logout')).toMatchObject([{ outcome: 'allowed', subject: 'cus-alice' }]);
    });

    it('a session that was planted before the login', async () => {
      await grantTo(world, 'tidepool', 'cus-alice');
      const mallory = world.browser();
      await mallory.get('/grants');
      for (const [name, value] of mallory.cookies) browser.cookies.set(name, value);
      await logIn(browser, 'alice');
      expect((await mallory.get('/grants')).html).toContain('id="submit-login"');
      expect((await browser.get('/grants')).html).toContain('Tidepool');
    });
  });

  it('gives a session in a cookie that no script, no neighbour and no plain connection reaches', async () => {
    const [cookie = '', ...more] = (await browser.get('/grants')).setCookies;
    expect(more).toEqual([]);
    expect(cookie).toMatch(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=lax$/);
  });

  it('comes under a policy without scripts and frames, and tells other sites nothing', async () => {
    const page = await browser.get('/grants');
    expect(page.header('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    expect(page.header('referrer-policy')).toBe('same-origin');
    expect(page.header('cache-control')).toBe('no-store');
    expect(page.html).not.toMatch(/<script|style=|onclick|javascript:/i);
  });

  it('shows what is in force in the person’s language, and nothing as markup', async () => {
    await grantTo(world, 'other', 'cus-alice', ['acc-1', 'acc-2', 'acc-closed']);
    await logIn(browser, 'alice');
    const english = (await browser.get('/grants')).html;
    for (const text of ['Other &amp; Co', 'Everyday account', '**** 4821', 'Savings &lt;b&gt;', 'see balances'])
      expect(english).toContain(text);
    expect(english).toContain('one account whose name is not available now');
    const japanese = (await browser.get('/grants?lang=ja')).html;
    expect(japanese).toContain('<html lang="ja">');
    expect(japanese).toContain('残高を見る');
    expect((await browser.get('/grants')).html).toContain('<html lang="ja">');
  });

  it('asks once more, then withdraws: the grant is revoked, the bank is told, the others stay', async () => {
    const grant = await grantTo(world, 'tidepool', 'cus-alice');
    const other = await grantTo(world, 'other', 'cus-alice');
    await logIn(browser, 'alice');
    const list = await browser.get('/grants');
    expect(list.html.match(/data-client="(\w+)"/g)).toHaveLength(2);
    const question = await browser.get(`/grants/${grant}/withdraw`);
    expect(question.html).toContain('Withdraw access from Tidepool?');
    expect(await revoked(grant)).toBe(false);

    const done = await browser.post(`/grants/${grant}/withdraw`);
    expect([done.status, done.location]).toEqual([303, '/grants?notice=withdrawn']);
    const after = await browser.get(done.location ?? '');
    expect(after.html).toContain('id="withdrawn"');
    expect(after.html).not.toContain('data-client="tidepool"');
    expect([await revoked(grant), await revoked(other)]).toEqual([true, false]);
    expect(world.bank.ended).toEqual(['consent-of-tidepool-0']);
    const interaction = done.header('x-fapi-interaction-id');
    expect(world.audit('grant.revoke')).toMatchObject([{ reason: 'withdrawn_by_person', interaction }]);
    expect(world.audit('grant.withdraw')).toMatchObject([
      { outcome: 'allowed', interaction, subject: 'cus-alice', client: 'tidepool', grant },
    ]);
    // Pressed twice: nothing more happens, and nobody is told of an error.
    await browser.get('/grants');
    expect((await browser.post(`/grants/${grant}/withdraw`)).status).toBe(303);
  });

  it('can be used while the bank is away', async () => {
    const grant = await grantTo(world, 'tidepool', 'cus-alice');
    world.bank.away = true;
    await logIn(browser, 'alice');
    expect((await browser.get('/grants')).html).toContain('one account whose name is not available now');
    await browser.get(`/grants/${grant}/withdraw`);
    expect((await browser.post(`/grants/${grant}/withdraw`)).status).toBe(303);
    expect(await revoked(grant)).toBe(true);
  });

  it('gives a fresh form to whoever left the login page open for too long', async () => {
    await browser.get('/grants');
    world.pass(HOUR);
    const late = await browser.post('/grants/login', { login: 'alice', password: 'alice-demo' });
    expect([late.status, late.location]).toEqual([303, '/grants']);
    expect((await browser.get('/grants')).html).toContain('id="submit-login"');
  });
});
