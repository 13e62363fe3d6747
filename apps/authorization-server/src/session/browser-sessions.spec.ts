import { randomBytes } from 'node:crypto';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { BrowserSessions } from './browser-sessions.ts';

const REQUEST_URI = 'urn:ietf:params:oauth:request_uri:x';
const MINUTE = 60_000;

/** A browser that keeps the cookies it is given. */
class Browser {
  cookie = '';
  /** The header as it was set. */
  line = '';
  readonly reply = {
    header: (name: string, value: string) => {
      if (name !== 'set-cookie') return;
      this.line = value;
      this.cookie = value.split(';')[0] ?? '';
    },
  } as unknown as FastifyReply;
  get request(): FastifyRequest {
    return { raw: { rawHeaders: this.cookie === '' ? [] : ['cookie', this.cookie] } } as unknown as FastifyRequest;
  }
}

describe.each(storesUnderTest())('browser sessions on $name', ({ open }) => {
  let now: number;
  let store: Store<AuthorizationTables>;
  let sessions: BrowserSessions;
  let replica: BrowserSessions;
  let browser: Browser;
  const later = (milliseconds: number) => new Date(now + milliseconds);

  beforeEach(async () => {
    now = Date.parse('2026-06-01T12:00:00Z');
    const random = {
      bytes: (count: number) => randomBytes(count),
      token: (bits: number) => randomBytes(bits / 8).toString('base64url'),
    };
    const clock = { now: () => new Date(now) };
    store = await open<AuthorizationTables>(migrations);
    sessions = new BrowserSessions(store, clock, random);
    replica = new BrowserSessions(await open<AuthorizationTables>(migrations, { sameAs: store }), clock, random);
    browser = new Browser();
  });

  it('know nobody without a cookie, nor with one they did not give', async () => {
    expect(await sessions.find(browser.request)).toBeUndefined();
    browser.cookie = `__Host-session=${'A'.repeat(43)}`;
    expect(await sessions.find(browser.request)).toBeUndefined();
  });

  it('end when the browser was left alone for half an hour', async () => {
    await sessions.findOrStart(browser.request, browser.reply);
    now += 30 * MINUTE;
    expect(await sessions.find(browser.request)).toBeUndefined();
  });

  it('may end a minute early after a visit that was not noted, and never late', async () => {
    await sessions.findOrStart(browser.request, browser.reply);
    now += MINUTE - 1;
    expect(await sessions.find(browser.request)).toBeDefined();
    now += 29 * MINUTE + 1;
    expect(await sessions.find(browser.request)).toBeUndefined();
  });

  it('live on with every visit that comes a minute or more after the last noted one', async () => {
    await sessions.findOrStart(browser.request, browser.reply);
    for (let i = 0; i < 2 * 60; i++) {
      now += MINUTE;
      expect(await sessions.find(browser.request)).toBeDefined();
    }
  });

  it('end after eight hours, however busy', async () => {
    await sessions.findOrStart(browser.request, browser.reply);
    for (let i = 0; i < 8 * 3; i++) {
      now += 20 * MINUTE;
      await sessions.find(browser.request);
    }
    expect(await sessions.find(browser.request)).toBeUndefined();
  });

  it('get a new id at login, and the old one is dead (session fixation) [AUTH-31]', async () => {
    const planted = await sessions.findOrStart(browser.request, browser.reply);
    const before = browser.cookie;
    await sessions.logIn(planted, 'alice', browser.reply);
    expect(browser.cookie).not.toBe(before);
    expect((await sessions.find(browser.request))?.login?.subject).toBe('alice');
    browser.cookie = before;
    expect(await sessions.find(browser.request)).toBeUndefined();
  });

  it('come in a cookie that no script, no neighbour and no plain connection reaches, before login and after', async () => {
    const planted = await sessions.findOrStart(browser.request, browser.reply);
    const before = browser.line;
    await sessions.logIn(planted, 'alice', browser.reply);
    for (const line of [before, browser.line])
      expect(line).toMatch(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=lax$/);
  });

  it('are kept without what the cookie says: a copy of the table opens none', async () => {
    const planted = await sessions.findOrStart(browser.request, browser.reply);
    await sessions.logIn(planted, 'alice', browser.reply);
    const rows = await store.db.selectFrom('browser_session').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(browser.cookie.split('=')[1]);
  });

  it('have another form token after login, and of no two browsers the same', async () => {
    const planted = await sessions.findOrStart(browser.request, browser.reply);
    const alice = await sessions.logIn(planted, 'alice', browser.reply);
    const other = new Browser();
    const stranger = await sessions.findOrStart(other.request, other.reply);
    expect(new Set([planted.csrf, alice.csrf, stranger.csrf]).size).toBe(3);
  });

  it('that are logged out on one replica are dead on the other', async () => {
    const anonymous = await sessions.findOrStart(browser.request, browser.reply);
    const alice = await sessions.logIn(anonymous, 'alice', browser.reply);
    const thief = new Browser();
    thief.cookie = browser.cookie;
    expect((await replica.find(thief.request))?.login?.subject).toBe('alice');
    await sessions.logOut(alice, browser.reply);
    expect(await replica.find(thief.request)).toBeUndefined();
  });

  it('of the same person in another browser outlive a log-out', async () => {
    const [one, other] = [browser, new Browser()];
    const here = await sessions.logIn(await sessions.findOrStart(one.request, one.reply), 'alice', one.reply);
    await sessions.logIn(await sessions.findOrStart(other.request, other.reply), 'alice', other.reply);
    await sessions.logOut(here, one.reply);
    expect((await sessions.find(other.request))?.login?.subject).toBe('alice');
  });

  it('know nobody after log-out, keep the request, and the old id is dead', async () => {
    const anonymous = await sessions.findOrStart(browser.request, browser.reply);
    await sessions.takeUp(anonymous, REQUEST_URI, 'first', later(10 * MINUTE));
    const alice = await sessions.logIn(anonymous, 'alice', browser.reply);
    const before = browser.cookie;
    const nobody = await sessions.logOut(alice, browser.reply);
    expect((await sessions.find(browser.request))?.login).toBeUndefined();
    expect(await sessions.takenUp(nobody, REQUEST_URI)).toMatchObject({ clientId: 'first' });
    browser.cookie = before;
    expect(await sessions.find(browser.request)).toBeUndefined();
  });

  it('do not open a request that another browser has taken up', async () => {
    const session = await sessions.findOrStart(browser.request, browser.reply);
    await sessions.takeUp(session, REQUEST_URI, 'first', later(10 * MINUTE));
    const other = new Browser();
    const stranger = await sessions.findOrStart(other.request, other.reply);
    expect(await sessions.takenUp(stranger, REQUEST_URI)).toBeUndefined();
  });

  it('forget a request when its time is over', async () => {
    const session = await sessions.findOrStart(browser.request, browser.reply);
    await sessions.takeUp(session, REQUEST_URI, 'first', later(10 * MINUTE));
    now += 10 * MINUTE;
    expect(await sessions.takenUp(session, REQUEST_URI)).toBeUndefined();
  });

  it('keep a request through login, from the moment it was first taken up', async () => {
    const session = await sessions.findOrStart(browser.request, browser.reply);
    await sessions.takeUp(session, REQUEST_URI, 'first', later(10 * MINUTE));
    const first = new Date(now);
    now += MINUTE;
    await sessions.takeUp(session, REQUEST_URI, 'first', later(10 * MINUTE));
    const fresh = await sessions.logIn(session, 'alice', browser.reply);
    expect(await sessions.takenUp(fresh, REQUEST_URI)).toEqual({ clientId: 'first', takenUpAt: first });
  });

  it('are swept when they are over, and only then', async () => {
    await sessions.findOrStart(browser.request, browser.reply);
    await sessions.sweep();
    expect(await sessions.find(browser.request)).toBeDefined();
    now += 31 * MINUTE;
    await sessions.sweep();
    now -= 31 * MINUTE;
    expect(await sessions.find(browser.request)).toBeUndefined();
  });
});
