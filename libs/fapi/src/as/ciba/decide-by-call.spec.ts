import { beforeEach, describe, expect, it } from 'vitest';
import { ask, asked, cibaFixture, poll } from '../../testing/ciba-client.ts';
import { assertion, byAssertion, clientSigner } from '../../testing/client-signer.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { expectNoSecrets, expectRefusal, request } from '../../testing/engine-fixture.ts';
import { CLIENT_ASSERTION_TYPE } from '../../wire/client-assertion.ts';
import { decideByCall } from './decide-by-call.ts';

let f: EngineFixture;
let authReqId: string;
beforeEach(async () => {
  f = await cibaFixture();
  authReqId = (await ask(f)).auth_req_id;
});

const HONEST = { client_id: 'second', decision: 'approve', login: 'alice@example.test' };
const call = (
  changes: Readonly<Record<string, string | undefined>> = {},
  peer: EngineFixture['peers']['second'] | undefined = f.peers.second,
  deciders: readonly string[] = ['second'],
) => decideByCall(f.engine, request({ ...HONEST, ...changes }, peer), authReqId, deciders);

async function refused(decision: Promise<unknown>, code: string, reason: string): Promise<void> {
  await expectRefusal(f, decision, code, reason);
  expect(f.events.at(-1)?.action).toBe('ciba.decide_by_call');
  expect((await f.state.findCibaRequest([...f.state.cibaRequests.keys()][0]!))?.decision).toBeUndefined();
  expect(f.state.grants.size).toBe(0);
}

describe('a decision by call is refused', () => {
  it('without a certificate', async () => {
    const unauthenticated = decideByCall(f.engine, request(HONEST, undefined), authReqId, ['second']);
    await refused(unauthenticated, 'invalid_client', 'certificate_missing');
  });

  it("with another client's certificate", () =>
    refused(call({}, f.peers.first), 'invalid_client', 'certificate_subject_mismatch'));

  it('from a named client that proves itself by an assertion: its certificate says nothing here', async () => {
    const signer = clientSigner();
    f.clients.set('second', { ...f.clients.get('second')!, ...byAssertion(signer) });
    const proof = await assertion(f, signer, { iss: 'second', sub: 'second' });
    const asserted = call({ client_assertion: proof, client_assertion_type: CLIENT_ASSERTION_TYPE });
    await refused(asserted, 'unauthorized_client', 'approval_call_not_allowed');
  });

  it('from a client that is not named', async () => {
    await refused(call({}, f.peers.second, ['third']), 'unauthorized_client', 'approval_call_not_allowed');
    await refused(call({}, f.peers.second, []), 'unauthorized_client', 'approval_call_not_allowed');
  });

  it('from the very client that asks, unless it is named', () =>
    refused(call({ client_id: 'first' }, f.peers.first), 'unauthorized_client', 'approval_call_not_allowed'));

  it('for another person than the one who was asked', () =>
    refused(call({ login: 'bob@example.test' }), 'not_found', 'approval_unknown'));

  it('for somebody nobody knows', () =>
    refused(call({ login: 'carol@example.test' }), 'unknown_user_id', 'hinted_person_unknown'));

  it.each([
    ['no decision', { decision: undefined }, 'parameter_missing'],
    ['another decision', { decision: 'yes' }, 'parameter_malformed'],
    ['no person', { login: undefined }, 'parameter_missing'],
  ])('with %s', (_, changes, reason) => refused(call(changes), 'invalid_request', reason));

  it('for a request nobody made, or one that is decided', async () => {
    const guessed = decideByCall(f.engine, request(HONEST, f.peers.second), 'guessed', ['second']);
    await refused(guessed, 'not_found', 'approval_unknown');
    await call({ decision: 'deny' });
    await expectRefusal(f, call(), 'expired_token', 'approval_over');
    expect(f.state.grants.size).toBe(0);
  });
});

describe('a decision by call', () => {
  it.each(['approve', 'allow'])('of %s goes the way of the page: consent at the bank, grant, tokens', async (word) => {
    expect(await call({ decision: word })).toEqual({ decision: 'approved' });
    expect(f.bank.consents).toMatchObject([{ subject: 'alice', accounts: ['acc-1', 'acc-2'] }]);
    await expect(poll(f, authReqId)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('of deny ends the request', async () => {
    expect(await call({ decision: 'deny' })).toEqual({ decision: 'denied' });
    expect(await asked(f, authReqId)).toMatchObject({ decision: 'denied' });
    await expectRefusal(f, poll(f, authReqId), 'access_denied', 'consent_denied');
  });

  it('is written down twice: who called, and what was decided', async () => {
    await call();
    expect(f.events.slice(-2)).toMatchObject([
      { action: 'ciba.decide', outcome: 'allowed', client: 'first', subject: 'alice' },
      {
        action: 'ciba.decide_by_call',
        outcome: 'allowed',
        client: 'second',
        subject: 'alice',
        presentedThumbprint: f.peers.second.thumbprint,
        evidence: { asked: 'first' },
      },
    ]);
    expectNoSecrets(f, [authReqId]);
  });
});
