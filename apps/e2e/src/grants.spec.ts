import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium } from './wire/chromium.ts';
import { Developer } from './wire/developer.ts';
import type { Tokens } from './wire/developer.ts';
import { follow } from './wire/follow.ts';
import { Http, said } from './wire/http.ts';
import type { Answer } from './wire/http.ts';
import { Person } from './wire/person.ts';
import { BOUND, statusWithin, within } from './wire/within.ts';

const { home, urls } = inject('world');
const developer = new Developer({ home, urls });
/** Another client of the same bank, with a certificate as good. */
const stranger = new Http(home, 'lab/first-client');
let chromium: Browser;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  chromium = await openChromium(home);
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});
afterAll(() => Promise.all([chromium.close(), developer.close(), stranger.close()]));

const GRANTS = `${urls.issuer}/grants`;

async function visit(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await chromium.newContext({ locale: 'en-GB', ...options });
  contexts.push(context);
  return context.newPage();
}

async function logIn(page: Page, name: string): Promise<void> {
  await page.fill('#login', name);
  await page.fill('#password', `${name}-demo`);
  await follow(page, '#submit-login');
}

/** From Tidepool's first page to the accounts, sharing these. */
async function link(page: Page, name: string, accounts: readonly string[]): Promise<void> {
  await page.goto(urls.fintech);
  await follow(page, '#link-bank');
  await page.waitForSelector('#submit-login');
  await logIn(page, name);
  for (const label of await page.locator('label.account').all())
    await label.locator('input').setChecked(accounts.includes(await label.locator('.account-name').innerText()));
  await follow(page, '#consent-approve');
  await page.waitForSelector('#accounts');
}

const shared = (page: Page, client: string) => page.locator(`.grant[data-client="${client}"]`);

describe('what somebody shares', () => {
  it('is shown to nobody else: not before a login, not to Bob, and not by its address', async () => {
    const { grant_id: grant } = await developer.tokens();
    const withdrawal = `${GRANTS}/${grant}/withdraw`;
    const page = await visit();
    await page.goto(withdrawal);
    expect(page.url()).toBe(GRANTS);
    expect(await page.locator('.grant').count()).toBe(0);
    await logIn(page, 'bob');
    expect(await page.locator(`.grant a[href*="${grant}"]`).count()).toBe(0);
    expect((await page.goto(withdrawal))?.status()).toBe(404);
    expect(await page.locator('#error-code').innerText()).toBe('not_found');
    expect((await page.goto(`${GRANTS}/${'x'.repeat(22)}/withdraw`))?.status()).toBe(404);
  });

  it('cannot be withdrawn by a form of another site, with the cookies of the person in it [RFC6749-10.12]', async () => {
    const { access_token: token, grant_id: grant } = await developer.tokens();
    const person = new Person(developer.browser);
    await person.logIn(await person.open(GRANTS), 'alice');
    const forged = await person.visit(`${GRANTS}/${grant}/withdraw`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      body: new URLSearchParams({ csrf: 'guess' }),
    });
    expect(forged.status).toBe(400);
    expect(forged.text).toContain('data-error="form_foreign"');
    expect((await developer.accounts(token)).status).toBe(200);
  });
});

describe('too many wrong passwords', () => {
  it('lead to a page that says when to come back, also with the right one, and to nobody else [RFC6585-4]', async () => {
    const person = new Person(developer.browser);
    const page = await person.open(GRANTS);
    // A name of nobody: it is locked like any other, and locks no customer out of the other suites.
    const attempt = () => person.submit(page, 'submit-login', { login: 'nobody-in-particular', password: 'guess' });
    const answers: Answer[] = [];
    for (let guess = 0; guess < 6; guess++) answers.push(await attempt());
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429]);
    const [last] = answers.slice(-1);
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect(last?.text).toContain('id="error-code">too_many_requests<');
    const alice = await person.logIn(page, 'alice');
    expect([alice.url, alice.status]).toEqual([GRANTS, 200]);
  });
});

describe('Alice, who shares', () => {
  it('sees with whom, what and until when, takes it back, and the bank refuses within two seconds', async () => {
    const page = await visit({ javaScriptEnabled: false });
    await link(page, 'alice', ['Everyday account', 'Euro account']);
    await page.goto(`${urls.fintech}/connection`);
    const until = Date.parse((await page.locator('#granted-until').getAttribute('datetime')) ?? '');
    expect((until - Date.now()) / 86_400_000).toBeCloseTo(90, 1);

    await page.goto(GRANTS);
    // The newest stands first; behind it may stand what other suites had her share.
    const tidepool = shared(page, 'tidepool').first();
    const before = await shared(page, 'tidepool').count();
    expect(await tidepool.locator('.account-name').allInnerTexts()).toEqual(['Everyday account', 'Euro account']);
    expect(await tidepool.locator('.account-number').first().innerText()).toBe('**** 4821 · GBP');
    const end = Date.parse((await tidepool.locator('time').nth(1).getAttribute('datetime')) ?? '');
    expect(Math.abs(end - until)).toBeLessThan(1_000);

    await follow(page, tidepool.locator('a.button'));
    expect(await page.locator('h1').innerText()).toBe('Withdraw access from Tidepool?');
    await follow(page, '#withdraw-keep');
    expect(await shared(page, 'tidepool').count()).toBe(before);
    await follow(page, tidepool.locator('a.button'));
    await follow(page, '#withdraw-confirm');
    expect(page.url()).toBe(`${GRANTS}?notice=withdrawn`);
    expect(await page.locator('#withdrawn').innerText()).toContain('Withdrawn.');
    expect(await shared(page, 'tidepool').count()).toBe(before - 1);

    // First the consent is over and then the token, within the bound; Tidepool shows no account at either moment.
    const told = async () => {
      await page.goto(`${urls.fintech}/accounts`);
      return { accounts: await page.locator('#accounts').count(), words: await page.locator('main').innerText() };
    };
    await within(BOUND, told, ({ accounts }) => accounts === 0);
    await within(BOUND, told, ({ accounts, words }) => {
      expect(accounts).toBe(0);
      return words.includes('no longer accepts this access');
    });
  });

  it('can do all of it by keyboard', async () => {
    const { access_token: token, grant_id: grant } = await developer.tokens();
    const page = await visit();
    await page.goto(GRANTS);
    await page.waitForSelector('#login:focus');
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type('alice-demo');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.grant');
    const reach = async (selector: string) => {
      for (let tabs = 0; tabs < 60; tabs++) {
        await page.keyboard.press('Tab');
        if (await page.locator(`${selector}:focus`).count()) return;
      }
      throw new Error(`${selector} cannot be reached by keyboard`);
    };
    await reach(`a[href*="${grant}"]`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#withdraw-confirm');
    await reach('#withdraw-confirm');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#withdrawn');
    await statusWithin(BOUND, async () => (await developer.accounts(token)).status, 401);
  });

  it('reads it in Japanese, in the colours of the night, on a narrow screen', async () => {
    await developer.tokens();
    const page = await visit({ locale: 'ja-JP', colorScheme: 'dark', viewport: { width: 320, height: 640 } });
    await page.goto(GRANTS);
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    await logIn(page, 'alice');
    expect(await page.locator('h1').innerText()).toBe('共有している情報');
    expect(await shared(page, 'developer').first().innerText()).toContain('残高を見る');
    const [paper, overflow] = await page.evaluate<[string, number]>(
      '[getComputedStyle(document.body).backgroundColor, document.documentElement.scrollWidth - innerWidth]',
    );
    expect(paper).toBe('rgb(14, 23, 32)');
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('logs out for good: the session is dead at the server, not only gone from the browser', async () => {
    const page = await visit();
    await page.goto(GRANTS);
    await logIn(page, 'alice');
    await page.waitForSelector('#log-out');
    const before = await page.context().cookies(urls.issuer);
    await follow(page, '#log-out');
    await page.waitForSelector('#submit-login');
    await page.context().addCookies(before);
    await page.goto(GRANTS);
    expect(await page.locator('#submit-login').count()).toBe(1);
  });
});

describe('a client that manages its grants', () => {
  let tokens: Tokens;
  const at = (grant: string): string => `${urls.mtlsIssuer}/grant-management/${grant}`;
  const manage = async (
    method: 'GET' | 'DELETE',
    { scope, grant = tokens.grant_id, by = developer.http, client = developer.id, url = at(grant) }: Wish,
  ): Promise<Answer> => {
    const form = { grant_type: 'client_credentials', client_id: client, scope };
    const own = said(await by.post(`${urls.mtlsIssuer}/token`, form));
    return by.ask(url, { method, headers: { authorization: `Bearer ${String(own['access_token'])}` } });
  };
  interface Wish {
    readonly scope: 'grant_management_query' | 'grant_management_revoke';
    readonly grant?: string;
    readonly by?: Http;
    readonly client?: string;
    readonly url?: string;
  }
  beforeAll(async () => {
    tokens = await developer.tokens(['Everyday account']);
  });

  it('is refused with the token of the person, and with the scope of the other action [GM-6.1]', async () => {
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect((await developer.http.ask(at(tokens.grant_id), { headers })).status).toBe(403);
    expect((await manage('DELETE', { scope: 'grant_management_query' })).status).toBe(403);
    expect((await manage('GET', { scope: 'grant_management_revoke' })).status).toBe(403);
  });

  it('is refused without a token, and on the listener for browsers, where no certificate shows [GM-6.6]', async () => {
    const answer = await developer.http.ask(at(tokens.grant_id));
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Bearer/)]);
    const url = `${urls.issuer}/grant-management/${tokens.grant_id}`;
    expect((await manage('GET', { scope: 'grant_management_query', url })).status).toBe(401);
  });

  it('learns nothing of another client’s grant, and ends nothing of it [GM-6.6]', async () => {
    const foreign = { by: stranger, client: 'lab-first-client' };
    for (const [method, scope] of [
      ['GET', 'grant_management_query'],
      ['DELETE', 'grant_management_revoke'],
    ] as const) {
      const [theirs, absent] = [
        await manage(method, { scope, ...foreign }),
        await manage(method, { scope, ...foreign, grant: 'x'.repeat(22) }),
      ];
      expect([theirs.status, theirs.text]).toEqual([404, absent.text]);
    }
    expect((await developer.accounts(tokens.access_token)).status).toBe(200);
  });

  it('finds the endpoint in the metadata, and may use it without having asked for it [GM-7.1]', async () => {
    const document = said(await developer.browser.ask(`${urls.issuer}/.well-known/oauth-authorization-server`));
    expect(document).toMatchObject({
      grant_management_endpoint: `${urls.issuer}/grant-management`,
      mtls_endpoint_aliases: { grant_management_endpoint: `${urls.mtlsIssuer}/grant-management` },
      grant_management_actions_supported: ['query', 'revoke'],
      grant_management_action_required: false,
    });
  });

  it('is told what a grant permits and until when, and no token of it [GM-6.4]', async () => {
    const answer = await manage('GET', { scope: 'grant_management_query' });
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const now = Date.now() / 1000;
    expect(said(answer)).toMatchObject({
      scopes: [{ scope: 'openid profile' }],
      authorization_details: [
        { type: 'account_information', actions: ['list_accounts', 'read_balances', 'read_transactions'] },
      ],
      created_at: expect.closeTo(now, -2) as number,
      expires_at: expect.closeTo(now + 90 * 86_400, -2) as number,
    });
    expect(answer.text).not.toMatch(/eyJ|token/);
  });

  it('ends a grant: refresh and bank refuse, and nothing is left to ask about [GM-6.5]', async () => {
    const ended = await manage('DELETE', { scope: 'grant_management_revoke' });
    expect([ended.status, ended.text]).toEqual([204, '']);
    const refreshed = await developer.refresh(tokens.refresh_token);
    expect([refreshed.status, said(refreshed)['error']]).toEqual([400, 'invalid_grant']);
    await statusWithin(BOUND, async () => (await developer.accounts(tokens.access_token)).status, 401);
    expect((await manage('GET', { scope: 'grant_management_query' })).status).toBe(404);
    expect((await manage('DELETE', { scope: 'grant_management_revoke' })).status).toBe(404);
  });
});
