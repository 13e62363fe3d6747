import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Seen } from './testing/browser.ts';
import type { World } from './testing/tidepool-under-test.ts';
import { openWorld } from './testing/tidepool-under-test.ts';

let world: World;
let browser: Browser;
const pages: Seen[] = [];
const see = async (seen: Promise<Seen>): Promise<Seen> => {
  pages.push(await seen);
  return seen;
};
beforeAll(async () => {
  world = await openWorld();
  browser = world.browser();
});
afterAll(() => world.close());

describe('the whole journey', () => {
  it('begins on a page that explains itself', async () => {
    const { status, html } = await see(browser.get('/'));
    expect(status).toBe(200);
    expect(html).toContain('Link Harbour Bank');
  });

  it('pushes the request over mutual TLS with everything in it [RFC9126-2.1] [FAPI2-SP-FINAL-5.3.3.2-2] [CLI-03] [FAPI2-SP-FINAL-5.3.3.1-7] [CLI-02]', async () => {
    await see(browser.post('/link'));
    const [pushed] = world.as.callsTo('/par');
    expect(pushed?.certificate).toBe(world.pki.peer('fintech/transport').thumbprint);
    const form = Object.fromEntries(pushed?.form ?? []);
    expect(form).toMatchObject({
      client_id: 'tidepool',
      response_type: 'code',
      redirect_uri: `${world.origin}/callback`,
      scope: 'openid',
      code_challenge_method: 'S256',
      ui_locales: 'en',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(form[name]).toMatch(/^[\w-]{43}$/);
    expect(JSON.parse(form['authorization_details'] ?? '')).toEqual([
      {
        type: 'account_information',
        actions: ['list_accounts', 'read_balances', 'read_transactions'],
        locations: [world.bank.api],
      },
    ]);
  });

  it('sends the browser away with client_id and request_uri alone [FAPI2-SP-FINAL-5.3.3.2-6] [CLI-05]', () => {
    const url = new URL(pages.at(-1)?.location ?? '');
    expect(url.origin + url.pathname).toBe(`${world.as.issuer}/authorize`);
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
  });

  it('uses a new state, nonce and challenge for each attempt [RFC6749-10.12] [CLI-06] [FAPI2-SP-FINAL-5.3.3.2-4] [CLI-04] [OIDC-CORE-15.5.2] [CLI-07]', async () => {
    await browser.get('/');
    await see(browser.post('/link'));
    const [first, second] = world.as.callsTo('/par').map(({ form }) => form);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(first?.get(name)).not.toBe(second?.get(name));
  });

  it('comes back to a clean address', async () => {
    const callback = world.as.agree(pages.at(-1)?.location ?? '');
    const seen = await see(browser.get(callback));
    expect(seen).toMatchObject({ status: 303, location: '/accounts?notice=linked' });
  });

  it('shows the accounts with balances and what they sum up to', async () => {
    const { html } = await see(browser.get('/accounts?notice=linked'));
    expect(html).toContain('Your bank is linked.');
    expect(html).toContain('Everyday account');
    expect(html).toContain('Euro &lt;b&gt;account&lt;/b&gt;');
    expect(html).toContain('£1,234.56');
    expect(html).toContain('€1,234.56');
    expect(html).toContain('£1,500.10 available');
  });

  it('shows the transactions by day, from all pages of the bank', async () => {
    const { html } = await see(browser.get('/accounts/acc-1?period=90'));
    expect([...html.matchAll(/<time datetime="([^"]+)"/g)].map(([, day]) => day)).toEqual(['2026-11-19', '2026-11-01']);
    expect(html).toContain('−£12.30');
    expect(html).toContain('+£3,125.00');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('3 transactions');
    expect(world.bank.calls.filter(({ query }) => query.get('cursor') === 'second')).toHaveLength(1);
  });

  it('sends the bank its token in the header, and nowhere else [FAPI2-SP-FINAL-5.3.3.1-3] [CLI-09]', () => {
    expect(world.bank.calls.length).toBeGreaterThan(2);
    for (const { headers, method, path, query, form } of world.bank.calls) {
      const { authorization = '', ...others } = headers;
      const token = authorization.replace(/^Bearer /, '');
      expect(token.length).toBeGreaterThan(20);
      expect(`${method} ${JSON.stringify([path, [...query], [...form], others])}`).not.toContain(token);
    }
  });

  it('finds a transaction by word and direction', async () => {
    const { html } = await see(browser.get('/accounts/acc-1?search=ENERGY&flow=out'));
    expect(html).toContain('Energy &amp; Light Company');
    expect(html).not.toContain('Corner Grocer');
    expect((await see(browser.get('/accounts/acc-1?search=ENERGY&flow=in'))).html).toContain('No transaction matches');
  });

  it('shows the connection and how it is protected', async () => {
    const { html } = await see(browser.get('/connection'));
    const { thumbprint } = world.pki.peer('fintech/transport');
    expect(html).toContain(`<code id="client-certificate-thumbprint">${thumbprint}</code>`);
    expect(html).toContain('2 accounts');
  });

  it('tells when the permission of the bank ends, beside when Tidepool itself lets go [RFC9396-7]', async () => {
    const { html } = await see(browser.get('/connection'));
    const end = Date.parse(/id="granted-until" datetime="([^"]+)"/.exec(html)?.[1] ?? '');
    const days = (end - world.ctx.clock.now().getTime()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThanOrEqual(90);
    expect(html).toContain('Tidepool lets go');
  });

  it('speaks Japanese when asked to', async () => {
    await see(browser.post('/language', { language: 'ja', return: '/accounts/acc-1?period=30' }));
    const { html } = await see(browser.get('/accounts/acc-1'));
    expect(html).toContain('<html lang="ja">');
    expect(html).toContain('取引');
    await see(browser.get('/accounts'));
    await see(browser.get('/connection'));
  });

  it('ends when the person wants it to', async () => {
    expect((await see(browser.post('/unlink'))).location).toBe('/?notice=unlinked');
    expect((await see(browser.get('/?notice=unlinked'))).html).toContain('連携を解除しました');
  });

  it('never shows a token, a code or a verifier: not in a page, a header, a cookie, the log or the store', () => {
    const forms = world.as.calls.map(({ request }) => request.form);
    const verifiers = forms.flatMap((form) => form.get('code_verifier') ?? []);
    const nonces = forms.flatMap((form) => form.get('nonce') ?? []);
    const secrets = [...world.as.secrets.filter((secret) => !sentByBank(secret)), ...verifiers, ...nonces];
    expect(secrets.length).toBeGreaterThan(5);
    const shown = pages.map(({ html, headers, setCookies }) => [html, ...headers.values(), ...setCookies].join('\n'));
    const stored = filesIn(world.home).map((file) => readFileSync(file, 'latin1'));
    for (const secret of secrets) for (const text of [...shown, ...stored]) expect(text.includes(secret)).toBe(false);
  });

  it('every page brings its own strict policy and leaks no address', () => {
    const html = pages.filter(({ headers }) => headers.get('content-type')?.startsWith('text/html'));
    expect(html.length).toBeGreaterThan(8);
    for (const { headers } of html) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain(`form-action 'self' ${world.as.issuer}`);
      expect(policy).not.toMatch(/unsafe|script-src|https?:\/\/(?!auth)/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
  });

  it('no page holds a script or a style of its own, and each has one heading and one main part', () => {
    for (const { html } of pages.filter(({ html }) => html !== '')) {
      expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:/i);
      expect(html.match(/<h1/g)).toHaveLength(1);
      expect(html.match(/<main/g)).toHaveLength(1);
    }
  });
});

describe('static files', () => {
  it('are found by name and hash, and kept for good', async () => {
    const { html } = await browser.get('/');
    const urls = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url ?? '');
    const css = await browser.get(urls.find((url) => url.endsWith('.css')) ?? '');
    const inside = /url\('(\/assets\/[^']+)'\)/.exec(css.html)?.[1] ?? '';
    for (const url of [...urls, inside]) {
      const { status, headers } = await browser.get(url);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toContain('immutable');
    }
  });

  it.each(['tidepool.css', '..%2Fmain.js', 'mark-0000000000000000.svg', 'constructor'])(
    '%s is not one',
    async (name) => {
      expect((await browser.get(`/assets/${name}`)).status).toBe(404);
    },
  );
});

describe('an unknown address', () => {
  it('is explained on a page, in the language of the browser', async () => {
    const seen = await world.browser().get('/nothing', { 'accept-language': 'ja' });
    expect(seen.status).toBe(404);
    expect(seen.html).toContain('ここには何もいません');
  });
});

/** The request_uri is meant to be seen: it is in the address the browser is sent to. */
const sentByBank = (secret: string): boolean => pages.some(({ location }) => location?.includes(secret) ?? false);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('pki'))
    .map((entry) => join(entry.parentPath, entry.name));
}
