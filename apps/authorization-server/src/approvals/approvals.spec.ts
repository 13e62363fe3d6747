import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { Device, formWith } from '../testing/device.ts';
import type { Answer } from '../testing/server-under-test.ts';
import { ALICE, ServerUnderTest } from '../testing/server-under-test.ts';
import { Till } from '../testing/till.ts';

const errorCode = ({ text }: Answer): string | undefined => /id="error-code">([^<]*)</.exec(text)?.[1];

describe.each(storesUnderTest())('the page for a person on their other device, on $name,', ({ open }) => {
  let store: Store<AuthorizationTables>;
  let server: ServerUnderTest;
  let till: Till;
  let alice: Device;
  let path: string;
  let authReqId: string;

  beforeAll(async () => {
    store = await open<AuthorizationTables>(migrations);
    server = await ServerUnderTest.open(store);
    till = new Till(server);
    alice = new Device(server);
    await alice.logIn('alice');
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    await store.db.deleteFrom('ciba_request').execute();
    authReqId = await till.asked();
    [path = ''] = await alice.waiting();
  });

  const pending = async () =>
    expect((await till.poll(authReqId)).json.error).toMatch(/authorization_pending|slow_down/);
  const lastEvent = () => server.audit().at(-1);

  describe('is refused', () => {
    it('to whoever is not logged in: a form to log in, and the way back is fixed', async () => {
      const stranger = new Device(server);
      const list = await stranger.visit('/approvals?return=https://evil.test');
      expect([list.status, list.text.includes('id="submit-login"')]).toEqual([200, true]);
      const direct = await stranger.visit(path);
      expect([direct.status, direct.headers.location]).toEqual([303, '/approvals']);
      const answer = await stranger.press(list, 'submit-login', { login: 'bob', password: 'bob-demo' });
      expect([answer.status, answer.headers.location]).toEqual([303, '/approvals']);
    });

    it('with a wrong password', async () => {
      const stranger = new Device(server);
      const answer = await stranger.logIn('alice', 'bob-demo');
      expect([answer.status, answer.text.includes('id="login-failed"')]).toEqual([401, true]);
      expect(await stranger.waiting()).toEqual([]);
      expect(lastEvent()).toMatchObject({ action: 'session.login', outcome: 'refused', reason: 'password_wrong' });
    });

    it('to another person, who does not even learn that it is there', async () => {
      const bob = new Device(server);
      await bob.logIn('bob');
      expect(await bob.waiting()).toEqual([]);
      const [foreign, guessed] = [await bob.visit(path), await bob.visit(`/approvals/${'A'.repeat(43)}`)];
      expect([foreign.status, errorCode(foreign)]).toEqual([404, 'not_found']);
      expect([guessed.status, errorCode(guessed)]).toEqual([404, 'not_found']);
      expect(lastEvent()).toMatchObject({ action: 'ciba.look', outcome: 'refused', reason: 'approval_unknown' });

      const { action, fields } = formWith(await alice.visit(path), 'consent-approve');
      const own = formWith(await bob.visit('/approvals'), 'log-out').fields.get('csrf') ?? '';
      fields.set('csrf', own);
      expect((await bob.visit(action, fields)).status).toBe(404);
      await pending();
    });

    it('when another site makes the browser send it [RFC6749-10.12]', async () => {
      const { action, fields } = formWith(await alice.visit(path), 'consent-approve');
      const answer = await alice.visit(action, fields, { origin: 'https://evil.test' });
      expect([answer.status, errorCode(answer)]).toEqual([400, 'invalid_request']);
      expect(lastEvent()).toMatchObject({ action: 'session.form', reason: 'form_not_ours' });
      fields.set('csrf', 'guessed');
      expect((await alice.visit(action, fields)).status).toBe(400);
      await pending();
    });

    it('when it does not bring back what was shown', async () => {
      const { action, fields } = formWith(await alice.visit(path), 'consent-approve');
      fields.set('shown', 'something else');
      const answer = await alice.visit(action, fields);
      expect([answer.status, errorCode(answer)]).toEqual([400, 'invalid_request']);
      expect(lastEvent()).toMatchObject({ action: 'ciba.decide', reason: 'consent_changed', subject: ALICE });
      await pending();
    });

    it('when no account is ticked', async () => {
      const answer = await alice.press(await alice.visit(path), 'consent-approve', { account: [] });
      expect([answer.status, lastEvent()?.['reason']]).toEqual([400, 'consent_selection_invalid']);
      await pending();
    });

    it('after log-out', async () => {
      const device = new Device(server);
      await device.logIn('alice');
      const form = formWith(await device.visit(path), 'consent-approve');
      await device.press(await device.visit('/approvals'), 'log-out');
      expect((await device.visit(form.action, form.fields)).status).toBe(403);
      expect(lastEvent()).toMatchObject({ action: 'session.decide', reason: 'login_needed' });
      await pending();
    });

    it('when its time is over', async () => {
      const page = await alice.visit(path);
      await store.db.updateTable('ciba_request').set({ expires_at: Date.now() }).execute();
      const answer = await alice.press(page, 'consent-approve');
      expect([answer.status, errorCode(answer)]).toEqual([400, 'expired_token']);
      expect((await till.poll(authReqId)).json.error).toBe('expired_token');
    });
  });

  it('shows who asks, the binding message and everything asked for, as text [FAPI-CIBA-5.2.2-2] [CIBA-13]', async () => {
    await till.asked({ binding_message: '"<i>&42' });
    const list = await alice.visit('/approvals');
    expect(list.text).toContain('Till &amp; &lt;b&gt;Sons&lt;/b&gt;');
    expect(list.text).toContain('&lt;i&gt;&amp;42');
    const page = await alice.visit(path);
    expect(page.text).toMatch(/id="binding-message">\s*KX-1234\s*</);
    expect(page.text).toContain('see balances');
    expect(page.text).toContain('recognise you when you come back');
    expect(page.text.match(/name="account" value="acc-[12]" checked/g)).toHaveLength(2);
    expect(page.text).not.toMatch(/<script|<b>|<i>/);
    expect(page.text).not.toContain(authReqId);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).toContain("form-action 'self';");
  });

  it('speaks Japanese too', async () => {
    const page = await alice.visit(`${path}?lang=ja`);
    expect(page.text).toContain('まず照合してください');
    expect(page.text).toContain('lang="ja"');
  });

  it('records what was agreed, and says so, once', async () => {
    const before = server.bank.consents.length;
    const page = await alice.visit(path);
    const answer = await alice.press(page, 'consent-approve', { account: ['acc-2'] });
    expect([answer.status, answer.headers.location]).toEqual([303, path]);
    expect((await alice.visit(path)).text).toContain('id="decided-approved"');
    expect(server.bank.consents.slice(before)).toMatchObject([{ subject: ALICE, accounts: ['acc-2'] }]);
    expect(await alice.waiting()).toEqual([]);
    const again = await alice.press(page, 'consent-deny');
    expect([again.status, errorCode(again)]).toEqual([400, 'expired_token']);
    expect((await till.poll(authReqId)).json.authorization_details).toMatchObject([{ accounts: ['acc-2'] }]);
  });

  it('tells the client of a denial', async () => {
    const answer = await alice.press(await alice.visit(path), 'consent-deny');
    expect([answer.status, answer.headers.location]).toEqual([303, path]);
    expect((await alice.visit(path)).text).toContain('id="decided-denied"');
    expect((await till.poll(authReqId)).json.error).toBe('access_denied');
  });

  it('takes one of fifty decisions at the same instant', async () => {
    const page = await alice.visit(path);
    const forms = ['consent-approve', 'consent-deny'].map((button) => formWith(page, button));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => alice.visit(forms[i % 2]!.action, forms[i % 2]!.fields)),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(49);
  });
});
