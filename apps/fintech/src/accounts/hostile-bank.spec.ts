import { mtlsServerTls } from '@holdfast/mtls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../testing/browser.ts';
import type { World } from '../testing/tidepool-under-test.ts';
import { linkBank, openWorld } from '../testing/tidepool-under-test.ts';
import type { Incoming, Outgoing } from '../testing/tls-listener.ts';
import { listen } from '../testing/tls-listener.ts';

let world: World;
let browser: Browser;
beforeAll(async () => {
  world = await openWorld();
  browser = world.browser();
  await linkBank(world, browser);
});
afterEach(() => {
  world.bank.mischief = () => undefined;
});
afterAll(() => world.close());

const account = {
  id: 'acc-1',
  display_name: 'A',
  masked_number: '1',
  type: 'current',
  currency: 'GBP',
  opened_on: '2020-01-01',
};
const booked = { type: 'booked', amount: '1.00', currency: 'GBP', as_of: '2026-11-20T08:00:00Z' };
const only =
  (end: string, answer: Outgoing | 'hang up') =>
  ({ path }: Incoming): Outgoing | 'hang up' | undefined =>
    path.endsWith(end) ? answer : undefined;
const accounts = (...list: unknown[]) => only('/accounts', { status: 200, body: { accounts: list } });
const balances = (...list: unknown[]) => only('/balances', { status: 200, body: { balances: list } });

describe('a bank', () => {
  const faults: readonly [title: string, code: string, status: number, mischief: World['bank']['mischief']][] = [
    ['that hangs up', 'bank_unreachable', 503, () => 'hang up'],
    ['that fails', 'bank_unreachable', 503, () => ({ status: 500, body: 'a stack trace' })],
    ['that is busy', 'bank_too_busy', 503, () => ({ status: 429 })],
    [
      'that redirects elsewhere',
      'bank_status_302',
      502,
      () => ({ status: 302, headers: { location: 'https://evil.localhost/' } }),
    ],
    ['that answers with a page', 'bank_answer_unusable', 502, () => ({ status: 200, body: '<html>' })],
    ['that answers with nothing', 'bank_answer_unusable', 502, () => ({ status: 200, body: '' })],
    ['that answers without end', 'bank_unreachable', 503, () => ({ status: 200, body: 'x'.repeat(1_100_000) })],
    [
      'that answers compressed',
      'bank_unreachable',
      503,
      () => ({ status: 200, headers: { 'content-encoding': 'gzip' }, body: '{}' }),
    ],
    ['that forgets the list', 'bank_answer_unusable', 502, () => ({ status: 200, body: {} })],
    ['that sends a path as id', 'bank_answer_unusable', 502, accounts({ ...account, id: '../payments' })],
    ['that sends an unknown kind of account', 'bank_answer_unusable', 502, accounts({ ...account, type: 'loan' })],
    ['that sends an amount as a number', 'bank_answer_unusable', 502, balances({ ...booked, amount: 1 })],
    ['that sends an amount in words', 'bank_answer_unusable', 502, balances({ ...booked, amount: '1e9' })],
    ['that sends no currency', 'bank_answer_unusable', 502, balances({ ...booked, currency: '' })],
    ['that mixes currencies', 'bank_answer_unusable', 502, balances({ ...booked, currency: 'JPY' })],
    ['that sends no time', 'bank_answer_unusable', 502, balances({ ...booked, as_of: 'now' })],
    [
      'that sends a thousand accounts',
      'bank_answer_unusable',
      502,
      accounts(...Array.from({ length: 1000 }, () => account)),
    ],
    ['that shares less than it said', 'not_shared', 403, only('/balances', { status: 403 })],
  ];

  it.each(faults)('%s ends in a page that says so, and the link stays', async (_title, code, status, mischief) => {
    world.bank.mischief = mischief;
    const seen = await browser.get('/accounts');
    expect({ status: seen.status, code: /id="error-code">([^<]+)</.exec(seen.html)?.[1] }).toEqual({ status, code });
    expect(seen.html).not.toContain('stack trace');
    world.bank.mischief = () => undefined;
    expect((await browser.get('/accounts')).status).toBe(200);
  });

  it('that never finishes is not waited for', async () => {
    world.bank.mischief = () => new Promise(() => {});
    const begun = performance.now();
    expect((await browser.get('/accounts')).status).toBe(503);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('that hands out the same page again and again is not read forever', async () => {
    const page = { status: 200, body: { transactions: [], next_cursor: 'again' } };
    world.bank.mischief = only('/transactions', page);
    const before = world.bank.calls.length;
    expect((await browser.get('/accounts/acc-1')).status).toBe(200);
    expect(world.bank.calls.length - before).toBeLessThan(6);
  });

  it('that always has another page is read up to a bound, and the rest is one click away', async () => {
    let page = 0;
    world.bank.mischief = ({ path }) =>
      path.endsWith('/transactions')
        ? { status: 200, body: { transactions: [], next_cursor: `page-${++page}` } }
        : undefined;
    expect((await browser.get('/accounts/acc-1')).html).toContain('cursor=page-12"');
    expect(page).toBe(12);
  });

  it('behind a certificate of another authority gets no token [FAPI2-SP-FINAL-5.2.1-4]', async () => {
    const { port } = world.bank;
    await world.bank.close();
    const rogue = world.pki.mint({
      issuer: world.pki.rogue().intermediate,
      purpose: 'server',
      dnsNames: ['api.bank.localhost'],
    });
    const heard: string[] = [];
    const tls = mtlsServerTls(world.pki.identity(rogue), world.pki.participants.trust);
    const impostor = await listen(tls, (request) => (heard.push(request.path), undefined), port);
    expect((await browser.get('/accounts')).status).toBe(503);
    expect(heard).toEqual([]);
    await impostor.close();
    await world.bank.open(port);
    expect((await browser.get('/accounts')).status).toBe(200);
  });

  it('with the certificate of another of our servers gets no token [FAPI2-SP-FINAL-5.2.1-4]', async () => {
    const { port } = world.bank;
    await world.bank.close();
    const heard: string[] = [];
    const tls = mtlsServerTls(world.pki.identity('lab/web'), world.pki.participants.trust);
    const impostor = await listen(tls, (request) => (heard.push(request.path), undefined), port);
    expect((await browser.get('/accounts')).status).toBe(503);
    expect(heard).toEqual([]);
    await impostor.close();
    await world.bank.open(port);
  });
});

describe('an account', () => {
  it.each(['acc-9', '..%2Fpayments', '%3Cscript%3E', 'a'.repeat(150)])(
    'that is not shared looks like one that does not exist: %s',
    async (id) => {
      const seen = await browser.get(`/accounts/${id}`);
      expect(seen.status).toBe(404);
      expect(seen.html).toContain('account_unknown');
    },
  );

  it('whose transactions were not shared is shown without them, and they are not asked for', async () => {
    const little = world.browser();
    world.as.mischief = {
      tokenResponse: (body) => {
        const [detail] = body['authorization_details'] as object[];
        return { ...body, authorization_details: [{ ...detail, actions: ['list_accounts', 'read_balances'] }] };
      },
    };
    await linkBank(world, little);
    world.as.mischief = {};
    const before = world.bank.calls.length;
    const { html } = await little.get('/accounts/acc-1');
    expect(html).toContain('You did not share the transactions');
    expect(world.bank.calls.slice(before).some(({ path }) => path.endsWith('/transactions'))).toBe(false);
  });
});

describe('a call to the bank', () => {
  it('carries the token in the header alone, one interaction id per page, and when the person logged in', async () => {
    const before = world.bank.calls.length;
    await browser.get('/accounts');
    await browser.get('/accounts');
    const calls = world.bank.calls.slice(before);
    expect(calls).toHaveLength(6);
    for (const { headers, query } of calls) {
      expect(headers.authorization).toMatch(/^Bearer [\w-]+$/);
      expect(headers['x-fapi-auth-date']).toMatch(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
      expect([...query.keys()]).toEqual([]);
    }
    expect(new Set(calls.map(({ headers }) => headers['x-fapi-interaction-id'])).size).toBe(2);
  });
});
