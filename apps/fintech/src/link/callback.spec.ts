import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../testing/browser.ts';
import type { World } from '../testing/tidepool-under-test.ts';
import { linkBank, openWorld } from '../testing/tidepool-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterEach(() => {
  world.as.mischief = {};
});
afterAll(() => world.close());

const tokenCalls = (): number => world.as.callsTo('/token authorization_code').length;
const lastReason = (): string | undefined => world.audit('link.finish').at(-1)?.reason;

/** Begins to link and returns the address the bank would send the browser back to. */
async function begin(browser: Browser): Promise<string> {
  await browser.get('/');
  const { location = '' } = await browser.post('/link');
  return world.as.agree(location);
}

/** The refusal, whole: a 4xx page, the reason in the audit trail, no call with the code, nothing linked. */
async function expectRefused(browser: Browser, callback: string, reason: string): Promise<void> {
  const before = tokenCalls();
  const seen = await browser.get(callback);
  expect({ status: seen.status, reason: lastReason() }).toEqual({ status: 400, reason });
  expect(seen.html).toContain(reason);
  expect(tokenCalls()).toBe(before);
  expect((await browser.get('/accounts')).location).toBe('/');
}

type Change = (answer: URLSearchParams) => URLSearchParams;
const edit =
  (change: (answer: URLSearchParams) => void): Change =>
  (answer) => {
    change(answer);
    return answer;
  };

describe('the answer that comes back through the browser', () => {
  const faults: readonly [title: string, reason: string, change: Change][] = [
    ['without iss [RFC9207-2.4] [CLI-11] [CLI-24]', 'issuer_missing', edit((a) => a.delete('iss'))],
    ['with an empty iss [RFC9207-2.4]', 'issuer_missing', edit((a) => a.set('iss', ''))],
    [
      'of another server [RFC9207-2.4] [CLI-11] [CLI-24]',
      'issuer_mismatch',
      edit((a) => a.set('iss', 'https://evil.localhost:9443')),
    ],
    ['with a slash after iss [RFC9207-2.4]', 'issuer_mismatch', edit((a) => a.set('iss', `${a.get('iss')}/`))],
    ['with iss in capitals [RFC9207-2.4]', 'issuer_mismatch', edit((a) => a.set('iss', a.get('iss')!.toUpperCase()))],
    [
      'with http in iss [RFC9207-2.4]',
      'issuer_mismatch',
      edit((a) => a.set('iss', a.get('iss')!.replace('https', 'http'))),
    ],
    ['with iss twice [RFC9207-2.4]', 'parameter_repeated', edit((a) => a.append('iss', a.get('iss')!))],
    ['with code twice [RFC6749-4.1.2]', 'parameter_repeated', edit((a) => a.append('code', 'another'))],
    ['with state twice [RFC6749-4.1.2]', 'parameter_repeated', edit((a) => a.append('state', a.get('state')!))],
    ['without state [RFC6749-10.12] [CLI-12]', 'state_missing', edit((a) => a.delete('state'))],
    [
      'with a guessed state [RFC6749-10.12] [CLI-12]',
      'flow_not_started_in_this_browser',
      edit((a) => a.set('state', 'guess')),
    ],
    ['without code [RFC6749-4.1.2]', 'code_missing', edit((a) => a.delete('code'))],
    ['with a JARM response beside the code', 'response_not_asked_for', edit((a) => a.set('response', 'e.y.J'))],
    ['with an access token in the query', 'response_not_asked_for', edit((a) => a.set('access_token', 'x'))],
    ['with an endless code', 'parameter_too_long', edit((a) => a.set('code', 'x'.repeat(2001)))],
  ];

  it.each(faults)('is refused %s', async (_title, reason, change) => {
    const browser = world.browser();
    world.as.mischief.answer = change;
    await expectRefused(browser, await begin(browser), reason);
  });

  it('is refused in a browser that began nothing [FAPI2-SP-FINAL-5.3.3.1-12]', async () => {
    const mallory = world.browser();
    const callback = await begin(mallory);
    await expectRefused(world.browser(), callback, 'session_missing');
  });

  it("is refused in another browser's visit, and still serves its owner [RFC6749-10.12] [CLI-06]", async () => {
    const [mallory, alice] = [world.browser(), world.browser()];
    const callback = await begin(mallory);
    await begin(alice);
    await expectRefused(alice, callback, 'flow_not_started_in_this_browser');
    expect((await mallory.get(callback)).location).toBe('/accounts?notice=linked');
  });

  it('is refused the second time, also when the first was refused [FAPI2-SP-FINAL-5.3.3.1-12]', async () => {
    const browser = world.browser();
    world.as.mischief.answer = edit((a) => a.set('iss', 'https://evil.localhost'));
    const callback = await begin(browser);
    await expectRefused(browser, callback, 'issuer_mismatch');
    await expectRefused(browser, callback, 'callback_replayed');
  });

  it('is refused when it is replayed after it has linked', async () => {
    const browser = world.browser();
    const callback = await begin(browser);
    await browser.get(callback);
    const before = tokenCalls();
    expect((await browser.get(callback)).status).toBe(400);
    expect(tokenCalls()).toBe(before);
  });

  it('is refused when the same answer arrives many times at once: one wins', async () => {
    const browser = world.browser();
    const callback = await begin(browser);
    const before = tokenCalls();
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const seen = await Promise.all(Array.from({ length: 8 }, () => world.browser().get(callback, { cookie })));
    expect(seen.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(tokenCalls()).toBe(before + 1);
  });

  it('is refused after a quarter of an hour', async () => {
    const browser = world.browser();
    const callback = await begin(browser);
    world.pass(15 * 60_000 + 1);
    await expectRefused(browser, callback, 'flow_expired');
  });

  it('that says no is taken kindly [RFC6749-4.1.2.1]', async () => {
    const browser = world.browser();
    await browser.get('/');
    const { location = '' } = await browser.post('/link');
    const back = await browser.get(world.as.agree(location, { error: 'access_denied' }));
    expect(back).toMatchObject({ status: 303, location: '/?notice=declined' });
    expect(lastReason()).toBe('declined_by_customer');
    expect((await browser.get(back.location ?? '')).html).toContain('Nothing was shared.');
  });

  it('that says no in the name of another server is refused [RFC9207-2.4]', async () => {
    const browser = world.browser();
    await browser.get('/');
    const { location = '' } = await browser.post('/link');
    world.as.mischief.answer = edit((a) => a.delete('iss'));
    await expectRefused(browser, world.as.agree(location, { error: 'access_denied' }), 'issuer_missing');
  });

  it('that reports an error is explained, without repeating what it says', async () => {
    const browser = world.browser();
    await browser.get('/');
    const { location = '' } = await browser.post('/link');
    const text = { error: 'server_error', error_description: '<b>Call this number</b>' };
    const seen = await browser.get(world.as.agree(location, text));
    expect(seen).toMatchObject({ status: 502 });
    expect(seen.html).toContain('authorization_server_error');
    expect(seen.html).not.toContain('Call this number');
  });

  it('is explained on a page that repeats neither code nor state', async () => {
    const browser = world.browser();
    world.as.mischief.answer = edit((a) => a.set('iss', 'https://evil.localhost'));
    const callback = new URL(await begin(browser));
    const { html } = await browser.get(callback.href);
    expect(html).not.toContain(callback.searchParams.get('code'));
    expect(html).not.toContain(callback.searchParams.get('state'));
  });

  it('links when everything is in order', async () => {
    const browser = world.browser();
    await linkBank(world, browser);
    expect(world.audit('link.finish').at(-1)).toMatchObject({ outcome: 'allowed', subject: 'cus-alice-7302' });
    expect((await browser.get('/accounts')).status).toBe(200);
  });
});
