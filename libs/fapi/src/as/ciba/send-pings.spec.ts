import { beforeEach, describe, expect, it } from 'vitest';
import { CIBA } from '../../profile.ts';
import { agree, ask, asked, cibaFixture, PING_ENDPOINT, pingFixture, poll } from '../../testing/ciba-client.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { ALICE, expectNoSecrets } from '../../testing/engine-fixture.ts';
import { denyRequest } from './approval.ts';
import type { ClientNotifier } from './client-notifier.ts';
import { sendDuePings } from './send-pings.ts';

const TOKEN = 'token-of-the-client-itself';

/** A client's notification endpoint: what it heard, and what it answers. */
class Listener implements ClientNotifier {
  readonly heard: string[][] = [];
  answer: number | Error = 204;

  notify(...call: [string, string, string]): Promise<number> {
    this.heard.push(call);
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
}

let f: EngineFixture;
let listener: Listener;
let authReqId: string;
const send = () => sendDuePings({ ...f.engine, notifier: listener });
const lastEvent = () => f.events.at(-1);

beforeEach(async () => {
  f = await pingFixture();
  listener = new Listener();
  authReqId = (await ask(f, { client_notification_token: TOKEN })).auth_req_id;
});

describe('a ping is not sent', () => {
  it('before the person has decided [CIBA-CORE-10.2] [CIBA-15]', async () => {
    f.clock.advance(600);
    expect([await send(), listener.heard]).toEqual([0, []]);
  });

  it('to a client that asks by itself [CIBA-CORE-5]', async () => {
    f = await cibaFixture();
    const polled = (await ask(f, { client_notification_token: TOKEN })).auth_req_id;
    await agree(f, polled);
    expect([await send(), listener.heard]).toEqual([0, []]);
  });

  it.each([
    ['switched off', { disabled: true }],
    ['changed to polling', { ciba: { mode: 'poll' } as const }],
  ])('to a client that was %s meanwhile', async (_, changes) => {
    await agree(f, authReqId);
    f.clients.set('first', { ...f.clients.get('first')!, ...changes });
    await send();
    expect(listener.heard).toEqual([]);
    expect(lastEvent()).toMatchObject({ action: 'ciba.ping', outcome: 'refused', reason: 'ping_not_delivered' });
    f.clock.advance(600);
    expect(await send()).toBe(0);
  });

  it.each([301, 302, 307, 400, 401, 403, 404, 410])(
    'again after %i: who says so means it, and no redirect is followed [CIBA-CORE-10.2]',
    async (status) => {
      await agree(f, authReqId);
      listener.answer = status;
      await send();
      f.clock.advance(600);
      expect(await send()).toBe(0);
      expect(listener.heard).toHaveLength(1);
      expect(lastEvent()).toMatchObject({ outcome: 'refused', evidence: { answer: `${status}, given up` } });
    },
  );

  it('more often than five times, to a client that never answers', async () => {
    await agree(f, authReqId);
    listener.answer = new Error('connection refused');
    for (let i = 0; i < 100; i++) {
      await send();
      f.clock.advance(60);
    }
    expect(listener.heard).toHaveLength(1 + CIBA.ping.retries.length);
    expect(lastEvent()).toMatchObject({ evidence: { answer: 'connection refused, given up', attempt: '5' } });
  });

  it('again once it was delivered, and what it carried is forgotten', async () => {
    await agree(f, authReqId);
    await send();
    f.clock.advance(600);
    expect(await send()).toBe(0);
    expect(listener.heard).toHaveLength(1);
    expect(JSON.stringify([...f.state.cibaRequests])).not.toContain(TOKEN);
  });
});

describe('a ping', () => {
  it('goes to the registered place with the token and the auth_req_id, after an approval [CIBA-CORE-10.2] [CIBA-15]', async () => {
    await agree(f, authReqId);
    await send();
    expect(listener.heard).toEqual([[PING_ENDPOINT, TOKEN, authReqId]]);
    await expect(poll(f, authReqId)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('goes out after a denial too [CIBA-CORE-10.2]', async () => {
    await denyRequest(f.engine, ALICE, await asked(f, authReqId));
    await send();
    expect(listener.heard).toEqual([[PING_ENDPOINT, TOKEN, authReqId]]);
  });

  it.each([200, 202, 204])('is delivered by an answer of %i, whatever is in it [CIBA-CORE-10.2]', async (status) => {
    await agree(f, authReqId);
    listener.answer = status;
    await send();
    expect(lastEvent()).toMatchObject({ action: 'ciba.ping', outcome: 'allowed', client: 'first', subject: 'alice' });
  });

  it.each([500, 502, 503, 408, 429, new Error('connection reset')])(
    'is tried again after %s, less and less often',
    async (answer) => {
      await agree(f, authReqId);
      listener.answer = answer;
      await send();
      f.clock.advance(4);
      expect(await send()).toBe(0);
      f.clock.advance(1);
      expect(await send()).toBe(1);
      f.clock.advance(14);
      expect(await send()).toBe(0);
      f.clock.advance(1);
      listener.answer = 204;
      expect(await send()).toBe(1);
      expect(lastEvent()).toMatchObject({ outcome: 'allowed', evidence: { answer: '204', attempt: '3' } });
    },
  );

  it('is sent by whoever finds it, after whoever took it died: at least once', async () => {
    await agree(f, authReqId);
    await f.state.takeDuePings(f.clock.now(), new Date(f.clock.now().getTime() + CIBA.ping.lease * 1000), 10);
    expect(await send()).toBe(0);
    f.clock.advance(CIBA.ping.lease);
    expect(await send()).toBe(1);
    expect(listener.heard).toHaveLength(1);
  });

  it('is sent although another client does not answer', async () => {
    const other = (await ask(f, { client_notification_token: TOKEN })).auth_req_id;
    await agree(f, authReqId);
    await agree(f, other);
    const heard: string[] = [];
    const notifier: ClientNotifier = {
      notify: async (_endpoint, _token, id) => {
        if (id === authReqId) throw new Error('timeout');
        heard.push(id);
        return Promise.resolve(204);
      },
    };
    expect(await sendDuePings({ ...f.engine, notifier })).toBe(2);
    expect(heard).toEqual([other]);
  });

  it('leaves audit events without its token and its auth_req_id', async () => {
    await agree(f, authReqId);
    listener.answer = 503;
    await send();
    f.clock.advance(5);
    listener.answer = 204;
    await send();
    expectNoSecrets(f, [TOKEN, authReqId]);
  });
});
