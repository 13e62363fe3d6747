import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consented } from '../testing/bank-under-test.ts';
import { BankUnderTest, HOLDERS } from '../testing/bank-under-test.ts';

const INTERACTION = 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a';
const NOT_FOUND = { error: 'not_found', error_description: 'there is nothing here' };

describe('the account API', () => {
  let bank: BankUnderTest;
  let all: Consented;
  let token: string;

  beforeAll(async () => {
    bank = await BankUnderTest.open();
    all = await bank.consent();
    token = bank.token({ authorization_details: all.details });
  });
  afterAll(() => bank.close());

  const first = () => all.accountIds[0]!;
  const tokenFor = (consented: Consented, claims: Record<string, unknown> = {}) =>
    bank.token({ authorization_details: consented.details, ...claims });
  const lastEvent = () => bank.audit().at(-1);

  describe('what the customer did not agree to', () => {
    it.each(['', '/balances', '/transactions'])(
      'answers alike for accounts%s that are absent, foreign or left out of the consent [FAPI2-SP-FINAL-5.3.4-4] [RS-19]',
      async (suffix) => {
        const some = await bank.consent({ accounts: [0] });
        const bobs = await bank.consent({ customer: 'bob', accounts: [0] });
        const answers = await Promise.all(
          ['acc_made-up', 'x', bobs.accountIds[0]!, all.accountIds[1]!].map((id) =>
            bank.ask(`/accounts/${id}${suffix}`, { token: tokenFor(some) }),
          ),
        );
        expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
        expect(answers.map(({ json }) => json)).toEqual(Array(4).fill(NOT_FOUND));
        const names = (headers: object) => Object.keys(headers).sort();
        expect(new Set(answers.map(({ headers }) => names(headers).join())).size).toBe(1);
        expect(lastEvent()).toMatchObject({ outcome: 'refused', reason: 'object_not_found', subject: HOLDERS.alice });
      },
    );

    it("does not read Bob's accounts with a token of Alice that names Bob's consent [FAPI1-BASE-6.2.1-7] [RS-18]", async () => {
      const bobs = await bank.consent({ customer: 'bob' });
      const answer = await bank.ask('/accounts', { token: tokenFor(bobs) });
      expect([answer.status, answer.json.error]).toEqual([403, 'insufficient_scope']);
      expect(lastEvent()).toMatchObject({ reason: 'consent_not_active', evidence: { consent: 'of another customer' } });
    });

    it('does not serve a client under the consent of another client', async () => {
      const theirs = await bank.consent({ client: 'lab-first-client' });
      const answer = await bank.ask('/accounts', { token: tokenFor(theirs) });
      expect([answer.status, answer.json.error]).toEqual([403, 'insufficient_scope']);
      expect(lastEvent()).toMatchObject({ reason: 'consent_not_active', evidence: { consent: 'of another client' } });
    });

    it('takes the narrower of token and consent: accounts a token adds are not there', async () => {
      const some = await bank.consent({ accounts: [0] });
      const widened = bank.token({ authorization_details: [{ ...some.details[0], accounts: all.accountIds }] });
      const listed = await bank.ask('/accounts', { token: widened });
      expect(listed.json.accounts.map(({ id }: { id: string }) => id)).toEqual(some.accountIds);
      expect((await bank.ask(`/accounts/${all.accountIds[1]!}`, { token: widened })).status).toBe(404);
    });

    it('takes the narrower of token and consent: accounts a token leaves out are not there', async () => {
      const narrowed = bank.token({ authorization_details: [{ ...all.details[0], accounts: [first()] }] });
      const listed = await bank.ask('/accounts', { token: narrowed });
      expect(listed.json.accounts).toHaveLength(1);
      expect((await bank.ask(`/accounts/${all.accountIds[1]!}/balances`, { token: narrowed })).status).toBe(404);
    });

    it.each([
      ['no accounts', { accounts: undefined }, 403],
      ['an empty list of accounts', { accounts: [] }, 200],
      ['no consent', { consent_id: undefined }, 403],
      ['an unknown consent', { consent_id: 'con_made-up' }, 403],
      ['another bank as its location', { locations: ['https://other.bank.localhost'] }, 403],
      ['another type', { type: 'payment_initiation' }, 403],
    ])('gives nothing to a detail with %s [RFC9396-9.1]', async (_, change, status) => {
      const detail = JSON.parse(JSON.stringify({ ...all.details[0], ...change }));
      const answer = await bank.ask('/accounts', { token: bank.token({ authorization_details: [detail] }) });
      expect(answer.status).toBe(status);
      expect(answer.json.accounts ?? []).toEqual([]);
    });

    it.each([
      ['list_accounts', '/balances', 'bank.balances.read'],
      ['list_accounts', '/transactions', 'bank.transactions.read'],
      ['read_balances', '', 'bank.accounts.read'],
      ['read_balances', '/transactions', 'bank.transactions.read'],
      ['read_transactions', '/balances', 'bank.balances.read'],
    ])('refuses a consent to %s at accounts%s [FAPI2-SP-FINAL-5.3.4-4] [RS-17]', async (granted, suffix, action) => {
      const consented = await bank.consent({ actions: [granted] });
      const answer = await bank.ask(`/accounts/${first()}${suffix}`, { token: tokenFor(consented) });
      expect([answer.status, answer.json.error]).toEqual([403, 'insufficient_scope']);
      expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
      expect(lastEvent()).toMatchObject({ action, outcome: 'refused', reason: 'permission_missing' });
    });

    it('refuses an action that the token claims and the consent never gave', async () => {
      const consented = await bank.consent({ actions: ['list_accounts'] });
      const widened = [{ ...consented.details[0], actions: ['list_accounts', 'read_transactions'] }];
      const token = bank.token({ authorization_details: widened });
      expect((await bank.ask(`/accounts/${first()}/transactions`, { token })).status).toBe(403);
    });

    it('refuses a revoked consent from the next call on, also on the open connection [RS-22]', async () => {
      const consented = await bank.consent();
      expect((await bank.ask('/accounts', { token: tokenFor(consented) })).status).toBe(200);
      const directory = bank.directory();
      await directory.revokeConsent({ consentId: consented.consentId });
      await directory.close();
      const answer = await bank.ask('/accounts', { token: tokenFor(consented) });
      expect([answer.status, answer.json.error]).toEqual([403, 'insufficient_scope']);
      expect(lastEvent()).toMatchObject({ reason: 'consent_not_active', evidence: { consent: 'revoked' } });
    });

    it('refuses an expired consent', async () => {
      const consented = await bank.consent({ seconds: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect((await bank.ask('/accounts', { token: tokenFor(consented) })).status).toBe(403);
      expect(lastEvent()).toMatchObject({ reason: 'consent_not_active', evidence: { consent: 'expired' } });
    });
  });

  describe('how it may be asked', () => {
    const path = () => `/accounts/${first()}/transactions`;

    it.each([
      'cursor=made-up',
      'limit=0',
      'limit=201',
      'from=tomorrow',
      'form=2026-01-01',
      'limit=1&limit=2',
      'limit=%ff',
    ])('refuses the query %s', async (query) => {
      const answer = await bank.ask(`${path()}?${query}`, { token });
      expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
      expect(answer.text).not.toContain('made-up');
    });

    it('refuses the cursor of another account', async () => {
      const page = await bank.ask(`${path()}?limit=1`, { token });
      const answer = await bank.ask(`/accounts/${all.accountIds[1]!}/transactions?cursor=${page.json.next_cursor}`, {
        token,
      });
      expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
    });

    it('refuses any query parameter where none is known', async () => {
      expect((await bank.ask('/accounts?limit=1', { token })).status).toBe(400);
    });

    it('refuses to answer in anything but JSON', async () => {
      const answer = await bank.ask('/accounts', { token, headers: { accept: 'text/html' } });
      expect([answer.status, answer.json.error]).toEqual([406, 'not_acceptable']);
      expect(lastEvent()).toMatchObject({ action: 'bank.accounts.list', reason: 'not_acceptable' });
    });

    it.each(['1', `${INTERACTION}x`, `${INTERACTION}, ${INTERACTION}`, '<script>'])(
      'refuses "%s" as interaction id and does not send it back [FAPI1-BASE-6.2.1-11] [RS-33]',
      async (sent) => {
        const answer = await bank.ask('/accounts', { token, headers: { 'x-fapi-interaction-id': sent } });
        expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
        expect(answer.headers['x-fapi-interaction-id']).not.toBe(sent);
      },
    );

    it.each(['application/json', 'application/json; charset=utf-8', '*/*', 'application/json, */*;q=0.1'])(
      'answers to "Accept: %s" [RFC9110-12.5.1] [RS-36]',
      async (accept) => {
        const answer = await bank.ask('/accounts', { token, headers: { accept } });
        expect(answer.status).toBe(200);
        expect(answer.headers['content-type']).toMatch(/^application\/json/);
      },
    );

    it('accepts what FAPI clients send along, and echoes the interaction id [FAPI1-BASE-6.2.1-11] [RS-33] [FAPI1-BASE-6.2.1-13] [RS-34] [FAPI1-BASE-6.2.2-3] [RS-35]', async () => {
      const headers = {
        'x-fapi-interaction-id': INTERACTION,
        'x-fapi-customer-ip-address': '2001:db8::1893:25c8:1946',
        'x-fapi-auth-date': 'Tue, 11 Sep 2012 19:43:31 GMT',
      };
      const answer = await bank.ask('/accounts', { token, headers });
      expect(answer.status).toBe(200);
      expect(answer.headers['x-fapi-interaction-id']).toBe(INTERACTION);
      expect(lastEvent()).toMatchObject({ action: 'bank.accounts.list', interaction: INTERACTION });
    });
  });

  describe('what it answers', () => {
    it('lists the accounts of the consent, member by member', async () => {
      const { status, json } = await bank.ask('/accounts', { token });
      expect(status).toBe(200);
      expect(json.accounts).toHaveLength(4);
      for (const account of json.accounts) {
        expect(account).toEqual({
          id: expect.stringMatching(/^acc_[\w-]{27}$/),
          display_name: expect.any(String),
          masked_number: expect.stringMatching(/^\*{4}[ *]* \d{4}$/),
          type: expect.stringMatching(/^(current|savings|card)$/),
          currency: expect.stringMatching(/^(GBP|EUR)$/),
          opened_on: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
        });
      }
      expect((await bank.ask(`/accounts/${first()}`, { token })).json).toEqual(
        json.accounts.find(({ id }: { id: string }) => id === first()),
      );
    });

    it('gives balances that are what the transactions left', async () => {
      for (const id of all.accountIds) {
        const { json } = await bank.ask(`/accounts/${id}/balances`, { token });
        const newest = await bank.ask(`/accounts/${id}/transactions?limit=1`, { token });
        const currency = newest.json.transactions[0].currency;
        expect(json.balances).toEqual([
          { type: 'available', amount: expect.stringMatching(/^-?\d+\.\d\d$/), currency, as_of: expect.any(String) },
          { type: 'booked', amount: newest.json.transactions[0].balance_after, currency, as_of: expect.any(String) },
        ]);
      }
    });

    it('gives every transaction once, newest first, page by page', async () => {
      const path = `/accounts/${first()}/transactions`;
      const seen: { id: string; booked_at: string }[] = [];
      let cursor = '';
      do {
        const { status, json } = await bank.ask(`${path}?limit=40${cursor}`, { token });
        expect(status).toBe(200);
        seen.push(...json.transactions);
        cursor = json.next_cursor === undefined ? '' : `&cursor=${json.next_cursor}`;
      } while (cursor !== '');
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      expect(seen.length).toBeGreaterThan(80);
      expect(seen.map(({ booked_at }) => booked_at)).toEqual(
        seen
          .map(({ booked_at }) => booked_at)
          .toSorted()
          .reverse(),
      );
      expect(seen[0]).toEqual({
        id: expect.stringMatching(/^txn_[\w-]{27}$/),
        booked_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        amount: expect.stringMatching(/^-?\d+\.\d\d$/),
        currency: 'GBP',
        counterparty: expect.any(String),
        description: expect.any(String),
        category: expect.any(String),
        balance_after: expect.stringMatching(/^-?\d+\.\d\d$/),
      });
    });

    it('gives the transactions between two days, both included', async () => {
      const path = `/accounts/${first()}/transactions?limit=200`;
      const everything: { booked_at: string }[] = (await bank.ask(path, { token })).json.transactions;
      const [to, from] = [everything[10]!.booked_at.slice(0, 10), everything[60]!.booked_at.slice(0, 10)];
      const expected = everything.filter(
        ({ booked_at }) => booked_at.slice(0, 10) >= from && booked_at.slice(0, 10) <= to,
      );
      const { json } = await bank.ask(`${path}&from=${from}&to=${to}`, { token });
      expect(json.transactions).toEqual(expected);
      expect(expected.length).toBeGreaterThan(50);
    });

    it('writes one event per call, with who, what and under which consent, and no account id in full', async () => {
      const before = bank.audit().length;
      await bank.ask(`/accounts/${first()}/balances`, { token });
      const events = bank.audit().slice(before);
      expect(events).toEqual([
        expect.objectContaining({
          action: 'bank.balances.read',
          outcome: 'allowed',
          client: 'tidepool',
          subject: HOLDERS.alice,
          grant: expect.any(String),
          presentedThumbprint: bank.pki.peer('fintech/transport').thumbprint,
          evidence: { method: 'GET', consent: all.consentId, account: first().slice(0, 12) },
        }),
      ]);
    });
  });
});
