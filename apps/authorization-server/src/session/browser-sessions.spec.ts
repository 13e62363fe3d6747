import { randomBytes } from 'node:crypto';
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
  readonly reply = {
    header: (name: string, value: string) => {
      if (name === 'set-cookie') this.cookie = value.split(';')[0] ?? '';
    },
  } as unknown as FastifyReply;
  get request(): FastifyRequest {
    return { raw: { rawHeaders: this.cookie === '' ? [] : ['cookie', this.cookie] } } as unknown as FastifyRequest;
  }
}

describe.each(storesUnderTest())('browser sessions on $name', ({ open }) => {
  let now: number;
  let sessions: BrowserSessions;
  let browser: Browser;
  const later = (milliseconds: number) => new Date(now + milliseconds);

  beforeEach(async () => {
    now = Date.parse('2026-06-01T12:00:00Z');
    const random = {
      bytes: (count: number) => randomBytes(count),
      token: (bits: number) => randomBytes(bits / 8).toString('base64url'),
    };
    sessions = new BrowserSessions(await open<AuthorizationTables>(migrations), { now: () => new Date(now) }, random);
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

  it('end after eight hours, however busy', async () => {
    await sessions.findOrStart(browser.request, browser.reply);
    for (let i = 0; i < 8 * 3; i++) {
      now += 20 * MINUTE;
      await sessions.find(browser.request);
    }
    expect(await sessions.find(browser.request)).toBeUndefined();
  });

  it('get a new id at login, and the old one is dead (session fixation)', async () => {
    const planted = await sessions.findOrStart(browser.request, browser.reply);
    const before = browser.cookie;
    await sessions.logIn(planted, 'alice', browser.reply);
    expect(browser.cookie).not.toBe(before);
    expect((await sessions.find(browser.request))?.login?.subject).toBe('alice');
    browser.cookie = before;
    expect(await sessions.find(browser.request)).toBeUndefined();
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
