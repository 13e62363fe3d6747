import type { Browser, BrowserContext, BrowserContextOptions, Page, Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openChromium } from './wire/chromium.ts';
import { follow } from './wire/follow.ts';

const { home, urls } = inject('world');
let chromium: Browser;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  chromium = await openChromium(home);
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});
afterAll(() => chromium.close());

async function visit(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await chromium.newContext({ locale: 'en-GB', ...options });
  contexts.push(context);
  return context.newPage();
}

/** Everything that reached one browser: the text and the headers of each answer, and what the browser complained about. */
class Recording {
  readonly complaints: string[] = [];
  readonly #reading: Promise<Received>[] = [];
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    page.on('response', (response) => this.#reading.push(read(response)));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** All answers so far, and none any more: to be asked for while the page is open, as those of a closed one cannot be read. */
  answers(): Promise<Received[]> {
    this.#page.removeAllListeners('response');
    return Promise.all(this.#reading);
  }
}

interface Received {
  readonly url: string;
  readonly type: string;
  readonly policy: string;
  readonly all: string;
}

async function read(response: Response): Promise<Received> {
  const headers = await response.allHeaders();
  const text = await response.text().catch(() => ''); // A redirect has no body to read.
  return {
    url: response.url(),
    type: headers['content-type'] ?? '',
    policy: headers['content-security-policy'] ?? '',
    all: `${JSON.stringify(headers)}\n${text}`,
  };
}

async function toLogin(page: Page): Promise<void> {
  await page.goto(urls.fintech);
  await follow(page, '#link-bank');
  await page.waitForSelector('#submit-login');
}

async function logIn(page: Page, name: string, password = `${name}-demo`): Promise<void> {
  await page.fill('#login', name);
  await page.fill('#password', password);
  await follow(page, '#submit-login');
}

async function choose(page: Page, names: readonly string[]): Promise<void> {
  for (const label of await page.locator('label.account').all()) {
    const name = await label.locator('.account-name').innerText();
    await label.locator('input').setChecked(names.includes(name));
  }
}

async function unlink(page: Page): Promise<void> {
  await page.goto(`${urls.fintech}/connection`);
  await page.click('#unlink');
  await follow(page, '#unlink-confirm');
  await page.waitForURL(`${urls.fintech}/?notice=unlinked`);
}

const cards = (page: Page): Promise<string[]> => page.locator('#accounts li h2').allInnerTexts();

// The start of any JWT, whatever it holds: base64url of `{"`.
const JWT = /eyJ[\w-]{10,}/;

describe('a person refused, or refusing,', () => {
  it('stays at the login with a wrong password, and nothing is linked', async () => {
    const page = await visit();
    await toLogin(page);
    await logIn(page, 'alice', 'not-her-password');
    expect(await page.locator('#login-failed').innerText()).toContain('do not belong together');
    expect(new URL(page.url()).origin).toBe(urls.issuer);
    expect(await page.locator('#password').inputValue()).toBe('');
    await page.goto(`${urls.fintech}/accounts`);
    expect(page.url()).toBe(`${urls.fintech}/`);
  });

  it('is told the same of an unknown name as of a wrong password', async () => {
    const page = await visit();
    await toLogin(page);
    await logIn(page, 'nobody', 'alice-demo');
    expect(await page.locator('#login-failed').innerText()).toContain('do not belong together');
  });

  it('goes back with nothing shared after saying no [RFC6749-4.1.2.1]', async () => {
    const page = await visit();
    await toLogin(page);
    await logIn(page, 'alice');
    await follow(page, '#consent-deny');
    await page.waitForURL(`${urls.fintech}/?notice=declined`);
    expect(await page.locator('[role=status]').innerText()).toContain('Nothing was shared');
    expect(await page.locator('#link-bank').count()).toBe(1);
  });

  it('finds the page of a finished request closed, with a marker to report [RFC9126-4] [AUTH-08] [AUTH-25]', async () => {
    const page = await visit();
    await toLogin(page);
    const interaction = page.url();
    await logIn(page, 'alice');
    await follow(page, '#consent-deny');
    await page.waitForURL(`${urls.fintech}/?notice=declined`);
    expect((await page.goto(interaction))?.status()).toBe(400);
    expect(await page.locator('#error-code').innerText()).toBe('invalid_request_uri');
  });

  it('cannot open the login page of somebody else’s browser', async () => {
    const alice = await visit();
    await toLogin(alice);
    const mallory = await visit();
    expect((await mallory.goto(alice.url()))?.status()).toBe(400);
    expect(await mallory.locator('#error-code').innerText()).toBe('invalid_request_uri');
  });
});

describe('the journey of Alice', () => {
  it('links, shows exactly what she chose, and lets go', async () => {
    const page = await visit();
    await toLogin(page);
    await logIn(page, 'alice');
    expect(await page.locator('h1').innerText()).toContain('Tidepool');
    await choose(page, ['Everyday account', 'Euro account']);
    await follow(page, '#consent-approve');
    await page.waitForURL(`${urls.fintech}/accounts?notice=linked`);

    expect((await cards(page)).sort()).toEqual(['Euro account', 'Everyday account']);
    for (const balance of await page.locator('#accounts .card-balance').allInnerTexts())
      expect(balance).toMatch(/^[−-]?[£€][\d,]+\.\d\d$/);
    expect(await page.locator('#accounts .card-balance').count()).toBe(2);

    await follow(page, 'text=Everyday account');
    expect(await page.locator('h1').innerText()).toBe('Everyday account');
    expect(await page.locator('main').innerText()).toMatch(/\d+ transactions/);
    const account = page.url();

    await unlink(page);
    expect(await page.locator('[role=status]').innerText()).toContain('Unlinked');
    for (const path of ['/accounts', '/connection', new URL(account).pathname]) {
      await page.goto(`${urls.fintech}${path}`);
      expect(page.url()).toBe(`${urls.fintech}/`);
    }
  });

  it('shows nothing of it to another browser, nor to Bob', async () => {
    const alice = await visit();
    await toLogin(alice);
    await logIn(alice, 'alice');
    await follow(alice, '#consent-approve');
    await alice.waitForSelector('#accounts');
    const hers = await alice.locator('#accounts a').first().getAttribute('href');

    const bob = await visit();
    await toLogin(bob);
    await logIn(bob, 'bob');
    await follow(bob, '#consent-approve');
    await bob.waitForSelector('#accounts');
    const his = await cards(bob);
    expect(his.length).toBeGreaterThan(0);
    for (const name of await cards(alice)) expect(his).not.toContain(name);
    expect((await bob.goto(`${urls.fintech}${hers ?? ''}`))?.status()).toBe(404);
    await unlink(alice);
    await bob.goto(`${urls.fintech}/accounts`);
    expect(await cards(bob)).toEqual(his);
    await unlink(bob);
  });

  it('works without JavaScript [AUTH-24] [AUTH-25]', async () => {
    const page = await visit({ javaScriptEnabled: false });
    await toLogin(page);
    await logIn(page, 'alice');
    await choose(page, ['Rainy day savings']);
    await follow(page, '#consent-approve');
    await page.waitForSelector('#accounts');
    expect(await cards(page)).toEqual(['Rainy day savings']);
    await unlink(page);
  });

  it('speaks Japanese to a Japanese browser, at Tidepool and at the bank [OIDC-CORE-3.1.2.1]', async () => {
    const page = await visit({ locale: 'ja-JP' });
    await page.goto(urls.fintech);
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    expect(await page.locator('h1').innerText()).toBe('底まで、澄んで見える。');
    await follow(page, '#link-bank');
    await page.waitForSelector('#submit-login');
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    expect(await page.locator('h1').innerText()).toBe('ログイン');
    await logIn(page, 'alice');
    expect(await page.locator('#consent-deny').innerText()).toBe('共有しない');
    await follow(page, '#consent-approve');
    await page.waitForSelector('#accounts');
    expect(await page.locator('[role=status]').innerText()).toContain('銀行と連携しました');
    await unlink(page);
  });
});

describe('what a browser is given', () => {
  let answers: Received[];
  let complaints: readonly string[];
  let cookies: Awaited<ReturnType<BrowserContext['cookies']>>;
  let stored: string;
  beforeAll(async () => {
    const page = await visit();
    const recording = new Recording(page);
    await toLogin(page);
    await logIn(page, 'alice');
    await follow(page, '#consent-approve');
    await page.waitForSelector('#accounts');
    await follow(page, page.locator('#accounts a').first());
    await page.goto(`${urls.fintech}/connection`);
    cookies = await page.context().cookies([urls.fintech, urls.issuer]);
    stored = JSON.stringify(await page.evaluate('({ ...localStorage, ...sessionStorage, cookie: document.cookie })'));
    await unlink(page);
    answers = await recording.answers();
    complaints = recording.complaints;
  });

  it('holds no token: not in a page, a header, a cookie or a storage [FAPI2-SP-FINAL-5.3.3]', () => {
    expect(answers.length).toBeGreaterThan(10);
    for (const { url, all } of answers) expect(all, url).not.toMatch(JWT);
    for (const { url, all } of answers) expect(all, url).not.toMatch(/access_token|refresh_token|id_token/);
    for (const { name, value } of cookies) expect(value, name).not.toMatch(JWT);
    expect(JSON.parse(stored)).toEqual({ cookie: '' });
  });

  it('keeps its sessions in cookies that no script, no neighbour and no plain connection reaches [AUTH-30]', () => {
    expect(cookies.length).toBeGreaterThanOrEqual(2);
    for (const { name, httpOnly, secure, sameSite, path, domain } of cookies) {
      expect(name).toMatch(/^__Host-/);
      expect({ name, httpOnly, secure, sameSite, path }).toEqual({
        name,
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
        path: '/',
      });
      expect(domain).not.toMatch(/^\./);
    }
  });

  it('comes under a policy without scripts and frames, which the journey never offends [RFC9700-4.16] [AUTH-26] [AUTH-27] [RFC6749-10.13] [AUTH-28]', () => {
    const pages = answers.filter(({ type }) => type.startsWith('text/html'));
    expect(pages.length).toBeGreaterThan(5);
    for (const { url, policy } of pages) {
      expect(policy, url).toContain("default-src 'none'");
      expect(policy, url).toContain("frame-ancestors 'none'");
      expect(policy, url).toContain("base-uri 'none'");
      expect(policy, url).toContain("form-action 'self'");
      expect(policy, url).not.toMatch(/unsafe|script-src|\*/);
    }
    expect(complaints).toEqual([]);
  });

  it('shows in the address of the login service nothing but client_id and request_uri [FAPI2-SP-FINAL-5.3.3.2] [FAPI2-SP-FINAL-5.3.3.2-6] [CLI-05]', () => {
    const authorize = answers.map(({ url }) => new URL(url)).filter(({ pathname }) => pathname === '/authorize');
    expect(authorize).toHaveLength(1);
    expect([...(authorize[0]?.searchParams.keys() ?? [])].sort()).toEqual(['client_id', 'request_uri']);
  });
});
