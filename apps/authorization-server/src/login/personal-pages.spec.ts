import { storesUnderTest } from '@holdfast/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import type { Browser } from '../testing/browser.ts';
import type { PagesUnderTest } from '../testing/pages-under-test.ts';
import { logIn, pagesUnderTest } from '../testing/pages-under-test.ts';

const LOGIN = 'id="submit-login"';
const [{ open }] = storesUnderTest() as [ReturnType<typeof storesUnderTest>[number]];

describe.each(['/grants', '/approvals'])('the pages under %s', (home) => {
  let world: PagesUnderTest;
  let browser: Browser;
  beforeEach(async () => {
    world = await pagesUnderTest(await open<AuthorizationTables>(migrations));
    browser = world.browser();
  });
  afterEach(() => world.close());

  it('are closed to a person whom the directory no longer knows, although the session lives', async () => {
    await logIn(browser, 'alice');
    expect((await browser.get(home)).html).not.toContain(LOGIN);
    world.forget('cus-bob');
    expect((await browser.get(home)).html).not.toContain(LOGIN);
    world.forget('cus-alice');
    const page = await browser.get(home);
    expect([page.status, page.html.includes(LOGIN), page.html.includes('Alice')]).toEqual([200, true, false]);
  });

  it('are not entered by a form of another browser', async () => {
    await browser.get(home);
    const stranger = world.browser();
    await stranger.get(home);
    const answer = await stranger.post(`${home}/login`, {
      login: 'alice',
      password: 'alice-demo',
      csrf: 'c'.repeat(22),
    });
    expect(answer.status).toBe(400);
    expect(world.audit('session.form')).toMatchObject([{ outcome: 'refused', reason: 'form_not_ours' }]);
    expect((await stranger.get(home)).html).toContain(LOGIN);
    expect((await stranger.post(`${home}/login`, { login: 'alice', password: 'alice-demo' })).status).toBe(303);
    expect((await stranger.get(home)).html).not.toContain(LOGIN);
  });
});
