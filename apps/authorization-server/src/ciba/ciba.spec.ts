import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { sweepState } from '../state/sweep.ts';
import { Device } from '../testing/device.ts';
import { NotificationEndpoint } from '../testing/notification-endpoint.ts';
import type { Wishes } from '../testing/server-under-test.ts';
import { ALICE, ServerUnderTest, signedRequest } from '../testing/server-under-test.ts';
import { Till } from '../testing/till.ts';

const TOKEN = 'token-of-the-client-itself';
const DEMO = { cibaApproval: { clients: ['developer'] } };

describe.each(storesUnderTest())('asking on another device, on $name', ({ open }) => {
  let store: Store<AuthorizationTables>;
  let server: ServerUnderTest;
  let till: Till;
  const closing: (() => Promise<void>)[] = [];

  async function start(wishes: Wishes = {}): Promise<ServerUnderTest> {
    const started = await ServerUnderTest.open(store, wishes);
    closing.push(() => started.close());
    return started;
  }
  beforeEach(async () => {
    store = await open<AuthorizationTables>(migrations);
    server = await start({ demo: DEMO });
    till = new Till(server);
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const demo = (
    authReqId: string,
    form: Readonly<Record<string, string>> = {},
    certificate: 'developer/client' | 'lab/first-client' = 'developer/client',
  ) =>
    server.ask('mtls', `/demo/ciba/${authReqId}`, {
      form: { client_id: 'developer', decision: 'approve', login: 'alice', ...form },
      certificate,
    });

  describe('the backchannel authentication endpoint', () => {
    it('refuses whoever shows no certificate, on either listener [FAPI2-SP-FINAL-5.3.2.1-6]', async () => {
      const form = { client_id: 'till', request: signedRequest('till') };
      for (const door of ['browser', 'mtls'] as const) {
        const answer = await server.ask(door, '/bc-authorize', { form });
        expect([answer.status, answer.json.error]).toEqual([401, 'invalid_client']);
      }
    });

    it('refuses in JSON, with a status for each code, and never in other words [CIBA-CORE-13]', async () => {
      const unsigned = await till.post('/bc-authorize', { scope: 'openid', login_hint: 'alice' });
      expect([unsigned.status, unsigned.json.error]).toEqual([400, 'invalid_request']);
      const unknown = await till.ask({ login_hint: 'carol' });
      expect([unknown.status, unknown.json.error]).toEqual([400, 'unknown_user_id']);
      expect(Object.keys(unknown.json)).toEqual(['error', 'error_description']);
      expect(unknown.headers['cache-control']).toBe('no-store');
      expect((await server.ask('mtls', '/bc-authorize')).status).toBe(405);
    });

    it('answers 200 with handle, life and interval, never to be cached [CIBA-CORE-7.3]', async () => {
      const answer = await till.ask();
      expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
      expect(answer.json).toEqual({
        auth_req_id: expect.stringMatching(/^[\w-]{43}$/) as string,
        expires_in: 300,
        interval: 5,
      });
    });

    it('takes the name of a person however it is written', async () => {
      expect((await till.ask({ login_hint: ' Alice ' })).status).toBe(200);
    });
  });

  describe('the token endpoint', () => {
    it('tells pending, slow_down, and denied with 400 [CIBA-CORE-11]', async () => {
      const authReqId = await till.asked();
      const told = async () => {
        const { status, json } = await till.poll(authReqId);
        return [status, json.error];
      };
      expect(await told()).toEqual([400, 'authorization_pending']);
      expect(await told()).toEqual([400, 'slow_down']);
      await demo(authReqId, { decision: 'deny' });
      expect(await told()).toEqual([400, 'access_denied']);
    });

    it('serves one of fifty at the same instant [CIBA-CORE-11]', async () => {
      const authReqId = await till.asked();
      await demo(authReqId);
      const answers = await Promise.all(Array.from({ length: 50 }, () => till.poll(authReqId)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const lost = answers.filter(({ status }) => status !== 200);
      expect(new Set(lost.map(({ status, json }) => `${status} ${json.error}`))).toEqual(
        new Set(['400 invalid_grant']),
      );
      const { n } = await store.db
        .selectFrom('single_use')
        .select((row) => row.fn.countAll<number>().as('n'))
        .where('kind', '=', 'refresh_token')
        .executeTakeFirstOrThrow();
      expect(n).toBe(1);
    });
  });

  describe('a decision by call', () => {
    it('has no route where the configuration does not name it', async () => {
      const real = await start();
      const authReqId = await new Till(real).asked();
      const form = { client_id: 'developer', decision: 'approve', login: 'alice' };
      const answer = await real.ask('mtls', `/demo/ciba/${authReqId}`, { form, certificate: 'developer/client' });
      expect([answer.status, answer.json.error]).toEqual([404, 'not_found']);
      expect((await new Till(real).poll(authReqId)).json.error).toBe('authorization_pending');
    });

    it('has no route on the browsers’ listener', async () => {
      const form = { client_id: 'developer', decision: 'approve', login: 'alice' };
      expect((await server.ask('browser', `/demo/ciba/${await till.asked()}`, { form })).status).toBe(404);
    });

    it('is refused to everybody who is not named, and nothing is decided', async () => {
      const authReqId = await till.asked();
      const withoutCertificate = await server.ask('mtls', `/demo/ciba/${authReqId}`, {
        form: { client_id: 'developer', decision: 'approve', login: 'alice' },
      });
      expect(withoutCertificate.status).toBe(401);
      expect((await demo(authReqId, {}, 'lab/first-client')).status).toBe(401);
      const itself = await demo(authReqId, { client_id: 'till' }, 'lab/first-client');
      expect([itself.status, itself.json.error]).toEqual([400, 'unauthorized_client']);
      expect((await till.poll(authReqId)).json.error).toBe('authorization_pending');
      expect(server.bank.consents).toEqual([]);
    });

    it('goes the way of the page, and is written down', async () => {
      const authReqId = await till.asked();
      expect(await demo(authReqId)).toMatchObject({ status: 200, json: { decision: 'approved' } });
      expect(server.bank.consents).toMatchObject([{ subject: ALICE, accounts: ['acc-1', 'acc-2'] }]);
      const { status, json } = await till.poll(authReqId);
      expect([status, json.token_type, typeof json.id_token, typeof json.refresh_token]).toEqual([
        200,
        'Bearer',
        'string',
        'string',
      ]);
      const events = server.audit().map(({ action, outcome, client }) => `${action} ${outcome} ${client}`);
      expect(events).toContain('ciba.decide allowed till');
      expect(events).toContain('ciba.decide_by_call allowed developer');
      expect(JSON.stringify(server.audit())).not.toContain(authReqId);
    });

    it('can be made with an empty body, as the conformance suite does', async () => {
      const authReqId = await till.asked();
      const query = new URLSearchParams({ client_id: 'developer', decision: 'allow', login: 'alice' });
      const answer = await server.ask('mtls', `/demo/ciba/${authReqId}?${query}`, {
        method: 'POST',
        certificate: 'developer/client',
      });
      expect(answer).toMatchObject({ status: 200, json: { decision: 'approved' } });
    });

    it('stops the boot when it names nobody with a certificate', async () => {
      await expect(start({ demo: { cibaApproval: { clients: ['carol'] } } })).rejects.toThrow(/names "carol"/);
    });

    it('is announced in the log', () => {
      expect(server.log.join('')).toContain('these clients may decide in the place of any person');
    });
  });

  describe('pings', () => {
    let endpoint: NotificationEndpoint;
    beforeEach(async () => {
      endpoint = await NotificationEndpoint.open();
      closing.push(() => endpoint.close());
      server = await start({ demo: DEMO, notificationEndpoint: endpoint.url() });
      till = new Till(server, 'pinged-till');
    });
    const heard = () => endpoint.heard.map(({ headers, body }) => [headers.authorization, JSON.parse(body)]);

    it('arrive after the decision, and the tokens can be fetched at once [CIBA-CORE-10.2]', async () => {
      const authReqId = await till.asked({ client_notification_token: TOKEN });
      expect((await till.poll(authReqId)).json.error).toBe('authorization_pending');
      await demo(authReqId);
      await expect.poll(heard).toEqual([[`Bearer ${TOKEN}`, { auth_req_id: authReqId }]]);
      expect((await till.poll(authReqId)).status).toBe(200);
      await expect.poll(() => server.audit().at(-2)?.['action']).toBe('ciba.ping');
      expect(JSON.stringify(server.audit())).not.toContain(TOKEN);
    });

    it('do not hold up the person: the client may take its time', async () => {
      endpoint.answer = () => undefined;
      const authReqId = await till.asked({ client_notification_token: TOKEN });
      const device = new Device(server);
      await device.logIn('alice');
      const [path = ''] = await device.waiting();
      const began = performance.now();
      const answer = await device.press(await device.visit(path), 'consent-approve');
      expect([answer.status, performance.now() - began < 3_000]).toEqual([303, true]);
      await expect.poll(() => endpoint.heard.length).toBe(1);
      expect((await till.poll(authReqId)).status).toBe(200);
    });

    it('outlive the process that should have sent them', async () => {
      endpoint.answer = (response) => response.writeHead(503).end();
      const authReqId = await till.asked({ client_notification_token: TOKEN });
      await demo(authReqId);
      await expect.poll(() => endpoint.heard.length).toBe(1);
      await expect.poll(async () => (await dueAt())?.attempts).toBe(1);
      await closing.pop()?.();
      // The time of the next attempt, brought forward.
      await store.db.updateTable('ciba_request').set({ ping_due_at: 1 }).where('ping_due_at', 'is not', null).execute();
      endpoint.answer = (response) => response.writeHead(204).end();
      const next = await start({ demo: DEMO, notificationEndpoint: endpoint.url() });
      await next.chores();
      expect(heard()).toEqual(Array.from({ length: 2 }, () => [`Bearer ${TOKEN}`, { auth_req_id: authReqId }]));
      expect(await dueAt()).toBeUndefined();
    });

    const dueAt = () =>
      store.db
        .selectFrom('ciba_request')
        .select('ping_attempts as attempts')
        .where('ping_due_at', 'is not', null)
        .executeTakeFirst();
  });

  it('is forgotten a day after it is over, and not before', async () => {
    const authReqId = await till.asked();
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
    await sweepState(store, inHours(23));
    expect((await till.poll(authReqId)).json.error).toBe('authorization_pending');
    await sweepState(store, inHours(25));
    expect((await till.poll(authReqId)).json.error).toBe('invalid_grant');
  });
});
