import { beforeEach, describe, expect, it } from 'vitest';
import { refuse } from '../../errors.ts';
import { agree, ask, asked, cibaFixture, DETAILS, pingFixture } from '../../testing/ciba-client.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { ALICE, expectNoSecrets, expectRefusal } from '../../testing/engine-fixture.ts';
import type { Approval } from '../consent/question.ts';
import { approveRequest, askForApproval, denyRequest, requestsWaitingFor } from './approval.ts';
import { cibaRequestId } from './request-authentication.ts';

const BOB = { ...ALICE, subject: 'bob' };

let f: EngineFixture;
beforeEach(async () => {
  f = await cibaFixture();
});

describe('a request on the other device is not shown', () => {
  const hidden = async (decision: Promise<unknown>, code: string, reason: string) => {
    await expect(decision).rejects.toMatchObject({ code, reason, show: 'page' });
    expect(f.bank.consents).toEqual([]);
  };

  it('to another person, who is told no more than a guesser [FAPI-CIBA-5.2.2-7]', async () => {
    const { auth_req_id: authReqId } = await ask(f);
    await hidden(asked(f, authReqId, BOB), 'not_found', 'approval_unknown');
    await hidden(asked(f, 'guessed'), 'not_found', 'approval_unknown');
    expect(await requestsWaitingFor(f.engine, BOB)).toEqual([]);
    await expect(asked(f, authReqId)).resolves.toBeDefined();
  });

  it('by the handle its client holds', async () => {
    const { auth_req_id: authReqId } = await ask(f);
    const { findAskedRequest } = await import('./approval.ts');
    await hidden(findAskedRequest(f.engine, ALICE, authReqId), 'not_found', 'approval_unknown');
    await expect(findAskedRequest(f.engine, ALICE, cibaRequestId(authReqId))).resolves.toBeDefined();
  });

  it('once its time is over [CIBA-CORE-7.3]', async () => {
    const { auth_req_id: authReqId, expires_in: lifetime } = await ask(f);
    f.clock.advance(lifetime);
    await hidden(asked(f, authReqId), 'expired_token', 'approval_over');
    expect(await requestsWaitingFor(f.engine, ALICE)).toEqual([]);
  });

  it('when its client was switched off meanwhile', async () => {
    const { auth_req_id: authReqId } = await ask(f);
    f.clients.set('first', { ...f.clients.get('first')!, disabled: true });
    await hidden(asked(f, authReqId), 'not_found', 'approval_unknown');
    expect(await requestsWaitingFor(f.engine, ALICE)).toEqual([]);
  });
});

describe('what waits for a person', () => {
  it('is everything they were asked and have not decided', async () => {
    const first = await ask(f, { binding_message: 'first' });
    f.clock.advance(1);
    await ask(f, { binding_message: 'second' });
    await ask(f, { login_hint: 'bob@example.test', binding_message: 'of Bob' });
    const messages = async () =>
      (await requestsWaitingFor(f.engine, ALICE)).map(({ request }) => request.bindingMessage);
    expect(await messages()).toEqual(['first', 'second']);
    await agree(f, first.auth_req_id);
    expect(await messages()).toEqual(['second']);
  });

  it('is shown with the binding message, exactly as the client signed it [FAPI-CIBA-5.2.2-2] [CIBA-13]', async () => {
    const { auth_req_id: authReqId } = await ask(f, { binding_message: '<b>1234</b>' });
    const question = await askForApproval(f.engine, await asked(f, authReqId));
    expect(question).toMatchObject({
      client: { id: 'first', name: 'Client first' },
      bindingMessage: '<b>1234</b>',
      scopes: ['openid', 'profile'],
      details: DETAILS,
      accounts: [{ id: 'acc-1' }, { id: 'acc-2' }],
      expiresAt: new Date('2026-08-30T12:00:00Z'),
    });
    f.clock.advance(60);
    expect(await askForApproval(f.engine, await asked(f, authReqId))).toEqual(question);
  });
});

describe('an approval on the other device is refused, as a page and without a grant,', () => {
  const approve = async (changes: (honest: Approval) => Partial<Approval>) => {
    const found = await asked(f, (await ask(f)).auth_req_id);
    const question = await askForApproval(f.engine, found);
    const honest = { shown: question.hash, accounts: ['acc-1'] };
    return approveRequest(f.engine, ALICE, found, { ...honest, ...changes(honest) });
  };
  const refused = async (decision: Promise<unknown>, code: string, reason: string) => {
    expect((await expectRefusal(f, decision, code, reason)).show).toBe('page');
    expect(f.state.grants.size).toBe(0);
  };

  it.each([
    ['does not name what was shown', () => ({ shown: '' })],
    ['names something else', ({ shown }: Approval) => ({ shown: shown.slice(1) + shown.slice(0, 1) })],
  ])('when it %s', (_, changes) => refused(approve(changes), 'invalid_request', 'consent_changed'));

  it('when it names what another request showed, alike in everything but the message [CIBA-CORE-7.1]', async () => {
    const other = await askForApproval(
      f.engine,
      await asked(f, (await ask(f, { binding_message: '9999' })).auth_req_id),
    );
    await refused(
      approve(() => ({ shown: other.hash })),
      'invalid_request',
      'consent_changed',
    );
  });

  it('when the accounts have changed meanwhile', () =>
    refused(
      approve(() => {
        f.bank.accounts = f.bank.accounts.slice(0, 1);
        return {};
      }),
      'invalid_request',
      'consent_changed',
    ));

  it.each([[[]], [['acc-of-bob']], [['acc-1', 'acc-of-bob']]])('when it ticks %j', (accounts) =>
    refused(
      approve(() => ({ accounts })),
      'invalid_request',
      'consent_selection_invalid',
    ),
  );

  it('when the bank is away, and can be tried again', async () => {
    const found = await asked(f, (await ask(f)).auth_req_id);
    const { hash: shown } = await askForApproval(f.engine, found);
    const attempt = () => approveRequest(f.engine, ALICE, found, { shown, accounts: ['acc-1'] });
    f.bank.away = refuse('temporarily_unavailable', 'consent_holder_unavailable', { show: 'page' });
    await refused(attempt(), 'temporarily_unavailable', 'consent_holder_unavailable');
    f.bank.away = undefined;
    await attempt();
    expect(f.state.grants.size).toBe(1);
  });

  it('when the request was denied in between', async () => {
    const found = await asked(f, (await ask(f)).auth_req_id);
    const { hash: shown } = await askForApproval(f.engine, found);
    await denyRequest(f.engine, ALICE, found);
    const approval = { shown, accounts: ['acc-1'] };
    await refused(approveRequest(f.engine, ALICE, found, approval), 'expired_token', 'approval_over');
  });

  it('when it was decided before, and the bank is not asked again', async () => {
    const { auth_req_id: authReqId } = await ask(f);
    await agree(f, authReqId);
    const found = await asked(f, authReqId);
    const { hash: shown } = await askForApproval(f.engine, found);
    const again = approveRequest(f.engine, ALICE, found, { shown, accounts: ['acc-2'] });
    await expectRefusal(f, again, 'expired_token', 'approval_over');
    expect([f.state.grants.size, f.bank.consents.length]).toEqual([1, 1]);
  });

  it('when its time ran out while the person read', async () => {
    const { auth_req_id: authReqId, expires_in: lifetime } = await ask(f);
    const found = await asked(f, authReqId);
    const { hash: shown } = await askForApproval(f.engine, found);
    f.clock.advance(lifetime);
    const approval = { shown, accounts: ['acc-1'] };
    await refused(approveRequest(f.engine, ALICE, found, approval), 'expired_token', 'approval_over');
  });
});

describe('an approval on the other device', () => {
  it('records at the bank what was chosen, under a fingerprint of the handle', async () => {
    const { auth_req_id: authReqId } = await ask(f);
    await agree(f, authReqId);
    expect(f.bank.consents).toEqual([
      {
        requestId: expect.stringMatching(/^[\w-]{43}$/) as string,
        subject: 'alice',
        client: { id: 'first', name: 'Client first' },
        accounts: ['acc-1'],
        actions: ['list_accounts', 'read_balances'],
        expiresAt: new Date('2026-08-30T12:00:00Z'),
      },
    ]);
    expect([authReqId, cibaRequestId(authReqId)]).not.toContain(f.bank.consents[0]?.requestId);
  });

  it('writes the choice into the grant [RFC9396-7.1]', async () => {
    await agree(f, (await ask(f)).auth_req_id);
    expect([...f.state.grants.values()]).toMatchObject([
      {
        clientId: 'first',
        subject: 'alice',
        scopes: ['openid', 'profile'],
        consentId: 'consent-1',
        authorizationDetails: [{ ...DETAILS[0], accounts: ['acc-1'], consent_id: 'consent-1' }],
      },
    ]);
  });

  it('does not ask the bank when the request concerns no accounts', async () => {
    await agree(f, (await ask(f, { authorization_details: undefined })).auth_req_id);
    expect(f.bank.consents).toEqual([]);
    expect(f.state.grants.size).toBe(1);
  });

  it('is shown as decided afterwards, to its person', async () => {
    const { auth_req_id: authReqId } = await ask(f);
    await agree(f, authReqId);
    expect(await asked(f, authReqId)).toMatchObject({ decision: 'approved' });
  });

  it('leaves audit events that hold neither handle nor token', async () => {
    f = await pingFixture();
    const token = 't'.repeat(43);
    const { auth_req_id: authReqId } = await ask(f, { client_notification_token: token });
    await agree(f, authReqId);
    expect(f.events.at(-1)).toMatchObject({
      action: 'ciba.decide',
      outcome: 'allowed',
      client: 'first',
      subject: 'alice',
      grant: [...f.state.grants.keys()][0],
      evidence: { decision: 'approved' },
    });
    expectNoSecrets(f, [authReqId, token]);
  });
});

describe('a denial on the other device', () => {
  it('writes no grant, asks the bank nothing, and is final', async () => {
    const { auth_req_id: authReqId } = await ask(f);
    const found = await asked(f, authReqId);
    await denyRequest(f.engine, ALICE, found);
    expect(f.events.at(-1)).toMatchObject({ action: 'ciba.decide', evidence: { decision: 'denied' } });
    expect(await asked(f, authReqId)).toMatchObject({ decision: 'denied' });
    expect([f.state.grants.size, f.bank.consents.length]).toEqual([0, 0]);
    await expectRefusal(f, denyRequest(f.engine, ALICE, found), 'expired_token', 'approval_over');
  });
});
