import { afterAll, describe, expect, inject, it } from 'vitest';
import { Developer } from './wire/developer.ts';
import { said } from './wire/http.ts';
import type { Answer } from './wire/http.ts';
import { formWith, offeredAccounts } from './wire/person.ts';
import { BOUND, statusWithin } from './wire/within.ts';

// The same thing fifty times at the same instant, over sockets that are all open at once.
const AT_ONCE = 50;
const developer = new Developer(inject('world'));
afterAll(() => developer.close());

const inParallel = (ask: () => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, () => ask()));
const withStatus = (answers: readonly Answer[], status: number): Answer[] =>
  answers.filter((answer) => answer.status === status);

describe('fifty redemptions of one code', () => {
  it('have at most one winner, and what it won is dead afterwards [RFC6749-4.1.2] [TOK-20] [FAPI2-SP-FINAL-5.3.2.2-9] [TOK-21]', async () => {
    const code = await developer.authorize();
    const answers = await inParallel(() => developer.redeem(code));

    const won = withStatus(answers, 200);
    const lost = withStatus(answers, 400);
    expect([won.length, lost.length]).toEqual([1, AT_ONCE - 1]);
    for (const answer of lost) expect(said(answer)['error']).toBe('invalid_grant');

    const { refresh_token: refresh, access_token: access } = said(won[0]!);
    const refreshed = await developer.refresh(String(refresh));
    expect([refreshed.status, said(refreshed)['error']]).toEqual([400, 'invalid_grant']);
    expect(said(await developer.introspect(String(access)))).toEqual({ active: false });
    await statusWithin(BOUND, async () => (await developer.accounts(String(access))).status, 401);
  });
});

describe('fifty approvals of one request', () => {
  it('lead to one code [FAPI2-SP-FINAL-5.3.2.2-12]', async () => {
    const attempt = await developer.push();
    const { person, page } = await developer.atConsent(attempt);
    const account = offeredAccounts(page).map(({ id }) => id);
    const { action, fields } = formWith(page, 'consent-approve', { account });
    const headers = { origin: developer.urls.issuer };
    const answers = await inParallel(() => person.visit(action, { method: 'POST', body: fields, headers }));

    const codes = answers.flatMap(({ headers: { location = '' } }) => /[?&]code=([^&]+)/.exec(location)?.[1] ?? []);
    expect(codes).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 303);
    expect(others).toHaveLength(AT_ONCE - 1);
    for (const { status, text } of others) {
      expect(status).toBe(400);
      expect(text).toMatch(/id="error-code">invalid_request_uri</);
    }
    expect((await developer.redeem({ ...attempt, code: codes[0]! })).status).toBe(200);
  });

  it('and denials, mixed, lead to one answer', async () => {
    const attempt = await developer.push();
    const { person, page } = await developer.atConsent(attempt);
    const forms = ['consent-approve', 'consent-deny'].map((button) => formWith(page, button));
    const headers = { origin: developer.urls.issuer };
    let turn = 0;
    const answers = await inParallel(() => {
      const { action, fields } = forms[turn++ % 2]!;
      return person.visit(action, { method: 'POST', body: fields, headers });
    });
    expect(withStatus(answers, 303)).toHaveLength(1);
    expect(withStatus(answers, 400)).toHaveLength(AT_ONCE - 1);
  });
});

describe('fifty refreshes with one refresh token', () => {
  it('all succeed, and none brings a new refresh token [FAPI2-SP-FINAL-5.3.2.1-9] [TOK-30]', async () => {
    const { refresh_token: refresh } = await developer.tokens();
    const answers = await inParallel(() => developer.refresh(refresh));
    expect(withStatus(answers, 200)).toHaveLength(AT_ONCE);
    const bodies = answers.map(said);
    expect(bodies.filter((body) => 'refresh_token' in body)).toEqual([]);
    expect(new Set(bodies.map((body) => body['access_token'])).size).toBe(AT_ONCE);
    expect((await developer.refresh(refresh)).status).toBe(200);
  });
});
