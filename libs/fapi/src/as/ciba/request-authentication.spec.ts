import { beforeEach, describe, expect, it } from 'vitest';
import { CIBA } from '../../profile.ts';
import { ask, askWith, cibaFixture, DETAILS, goodClaims, pingFixture, sign } from '../../testing/ciba-client.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { BANK, engineFixture, expectNoSecrets, expectRefusal, ISSUER, request } from '../../testing/engine-fixture.ts';
import { cibaRequestId, requestAuthentication } from './request-authentication.ts';

let f: EngineFixture;
beforeEach(async () => {
  f = await cibaFixture();
});

/** Refused as it should be, and nobody is asked anything. */
async function refused(decision: Promise<unknown>, code: string, reason: string, status = 400): Promise<void> {
  const error = await expectRefusal(f, decision, code, reason);
  expect([error.show, error.status]).toEqual(['json', status]);
  expect(f.state.cibaRequests.size).toBe(0);
  // The positive control: the honest request of the same client passes.
  await expect(ask(f)).resolves.toMatchObject({ expires_in: CIBA.requestLifetime });
}

const inSeconds = (seconds: number) => Math.floor(f.clock.now().getTime() / 1000) + seconds;

describe('the backchannel authentication endpoint refuses a client', () => {
  it('without its certificate [FAPI2-SP-FINAL-5.3.2.1-6]', async () => {
    const form = { client_id: 'first', request: await sign(goodClaims(f)) };
    await refused(
      requestAuthentication(f.engine, request(form, undefined)),
      'invalid_client',
      'certificate_missing',
      401,
    );
  });

  it("that presents another client's certificate [RFC8705-2.1]", async () => {
    const form = { client_id: 'first', request: await sign(goodClaims(f)) };
    const asked = requestAuthentication(f.engine, request(form, f.peers.second));
    await refused(asked, 'invalid_client', 'certificate_subject_mismatch', 401);
  });

  it('of another profile [CIBA-CORE-4]', async () => {
    f.clients.set('first', { ...f.clients.get('first')!, profile: 'fapi1-advanced' });
    const object = await sign(goodClaims(f));
    await expectRefusal(f, askWith(f, { request: object }), 'unauthorized_client', 'grant_type_not_allowed');
    expect(f.state.cibaRequests.size).toBe(0);
  });

  it('that is not registered for the grant type [CIBA-CORE-4]', async () => {
    f = await cibaFixture({ mode: 'poll' }, { grantTypes: ['client_credentials'] });
    await expectRefusal(f, ask(f), 'unauthorized_client', 'grant_type_not_allowed');
    expect(f.state.cibaRequests.size).toBe(0);
  });

  it('that signed for itself and authenticates as another [RFC9101-5]', async () => {
    f.clients.set('second', { ...f.clients.get('first')!, ...second(await engineFixture()) });
    const form = { client_id: 'second', request: await sign(goodClaims(f)) };
    const asked = requestAuthentication(f.engine, request(form, f.peers.second));
    await refused(asked, 'invalid_request', 'request_object_client_mismatch');
  });

  function second(other: EngineFixture) {
    const { id, name } = other.clients.get('second')!;
    const { authentication } = f.clients.get('second')!;
    return { id, name, authentication };
  }
});

describe('the backchannel authentication endpoint refuses a request', () => {
  it('that is not signed, however complete [FAPI-CIBA-5.2.2-6] [CIBA-CORE-7.1.1] [CIBA-01]', async () => {
    const { scope, login_hint, binding_message } = goodClaims(f) as Record<string, string>;
    await refused(askWith(f, { scope, login_hint, binding_message }), 'invalid_request', 'request_object_missing');
  });

  it('with a parameter beside the signed object, even one that is in it [CIBA-CORE-7.1.1]', async () => {
    const form = { request: await sign(goodClaims(f)), login_hint: 'alice@example.test' };
    await refused(askWith(f, form), 'invalid_request', 'parameter_beside_request');
  });

  it('with a request_uri in place of the object [CIBA-CORE-7.1.1]', () =>
    refused(askWith(f, { request_uri: 'https://first.test/request' }), 'invalid_request', 'request_object_missing'));

  it.each([
    ['under RS256', 'RS256', {}, 'request_object_algorithm_not_allowed'],
    ['under an algorithm it has not registered', 'PS256', {}, 'request_object_algorithm_not_allowed'],
    ['with a key that is not its own', 'foreign', {}, 'request_object_signature_invalid'],
    ['with an unknown key', 'ES256', { kid: 'other' }, 'request_object_key_unknown'],
    ['as an access token', 'ES256', { typ: 'at+jwt' }, 'request_object_type_wrong'],
  ] as const)('signed %s [FAPI-CIBA-5.2.2-6] [CIBA-CORE-7.1.1] [CIBA-01]', async (_, key, header, reason) => {
    await refused(askWith(f, { request: await sign(goodClaims(f), key, header) }), 'invalid_request', reason);
  });

  it('whose object has the algorithm none [FAPI1-ADV-8.6]', async () => {
    const [, payload] = (await sign(goodClaims(f))).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    await refused(askWith(f, { request: none }), 'invalid_request', 'request_object_algorithm_not_allowed');
  });

  it.each([
    ['aud', 'request_object_audience_wrong'],
    ['iss', 'request_object_client_mismatch'],
    ['exp', 'request_object_claims_missing'],
    ['nbf', 'request_object_claims_missing'],
    ['iat', 'request_object_claims_missing'],
    ['jti', 'request_object_claims_missing'],
  ])('without %s [CIBA-CORE-7.1.1] [CIBA-02] [CIBA-03] [CIBA-04]', (claim, reason) =>
    refused(ask(f, { [claim]: undefined }), 'invalid_request', reason),
  );

  it.each([
    ['made for another server [CIBA-02]', { aud: 'https://other.test' }, 'request_object_audience_wrong'],
    ['made for our token endpoint', { aud: `${ISSUER}/token` }, 'request_object_audience_wrong'],
    ['of another client [CIBA-02]', { iss: 'second' }, 'request_object_client_mismatch'],
    ['that names another client', { client_id: 'second' }, 'request_object_client_mismatch'],
    ['with an empty jti [CIBA-04]', { jti: '' }, 'request_object_claims_missing'],
    ['with a number for a jti', { jti: 1 }, 'request_object_claims_missing'],
    ['with an over-long jti', { jti: 'j'.repeat(257) }, 'request_object_claims_missing'],
  ])('%s [CIBA-CORE-7.1.1] [CIBA-02]', (_, claims, reason) => refused(ask(f, claims), 'invalid_request', reason));

  it.each([
    ['that has expired', { exp: -11 }, 'request_object_expired'],
    ['good for seventy minutes', { exp: 70 * 60 }, 'request_object_lives_too_long'],
    ['begun seventy minutes ago', { nbf: -70 * 60, exp: -10 * 60 + 600 }, 'request_object_lives_too_long'],
    ['not good for ten minutes yet', { nbf: 600, exp: 900 }, 'request_object_not_yet_valid'],
    ['made in ten minutes', { iat: 600 }, 'request_object_not_yet_valid'],
  ])('%s [FAPI-CIBA-5.2.2-9] [CIBA-CORE-7.1.1] [CIBA-03]', (_, offsets, reason) => {
    const times = Object.fromEntries(Object.entries(offsets).map(([name, seconds]) => [name, inSeconds(seconds)]));
    return refused(ask(f, times), 'invalid_request', reason);
  });

  it('that was used before, and asks nobody twice [CIBA-CORE-7.1.1] [CIBA-04]', async () => {
    const object = await sign(goodClaims(f));
    await askWith(f, { request: object });
    await expectRefusal(f, askWith(f, { request: object }), 'invalid_request', 'request_object_replayed');
    expect(f.state.cibaRequests.size).toBe(1);
    await expect(ask(f)).resolves.toBeDefined();
  });

  it('without a hint [CIBA-CORE-7.1] [CIBA-05]', () =>
    refused(ask(f, { login_hint: undefined }), 'invalid_request', 'hint_missing'));

  it.each([
    [{ id_token_hint: 'eyJ.e.s' }],
    [{ login_hint_token: 'token' }],
    [{ id_token_hint: 'eyJ.e.s', login_hint_token: 'token' }],
  ])('with two hints or three [CIBA-CORE-7.1] [CIBA-05]', (more) =>
    refused(ask(f, more), 'invalid_request', 'hint_ambiguous'),
  );

  it('with a login_hint_token, whose format nobody has agreed on [CIBA-CORE-7.1]', () =>
    refused(
      ask(f, { login_hint: undefined, login_hint_token: 'token' }),
      'invalid_request',
      'login_hint_token_unsupported',
    ));

  it('for somebody nobody knows [CIBA-CORE-13]', () =>
    refused(ask(f, { login_hint: 'carol@example.test' }), 'unknown_user_id', 'hinted_person_unknown'));

  it('with a user code, which was not asked for [CIBA-CORE-7.1]', () =>
    refused(ask(f, { user_code: '1234' }), 'invalid_request', 'user_code_unsupported'));

  it.each([
    ['without a scope', { scope: undefined }, 'invalid_request', 'parameter_missing'],
    ['without the scope openid', { scope: 'profile' }, 'invalid_scope', 'openid_scope_missing'],
    ['with a scope it may not have', { scope: 'openid payments' }, 'invalid_scope', 'scope_not_allowed'],
    ['with a scope of its own', { scope: 'openid grant_management_query' }, 'invalid_scope', 'scope_not_allowed'],
    ['with a list for a scope', { scope: ['openid'] }, 'invalid_request', 'parameter_malformed'],
  ])('%s [CIBA-CORE-7.1]', (_, claims, code, reason) => refused(ask(f, claims), code, reason));

  it.each([
    ['of an unknown type', [{ type: 'payment', actions: ['pay'] }], 'authorization_details_type_unsupported'],
    ['with an unknown member', [{ ...DETAILS[0], limit: 5 }], 'authorization_details_malformed'],
    ['that are no list', 'nothing', 'authorization_details_malformed'],
  ])('for details %s [RFC9396-5]', (_, details, reason) =>
    refused(ask(f, { authorization_details: details }), 'invalid_authorization_details', reason),
  );

  it('without a binding message: nothing else ties the two devices together [FAPI-CIBA-5.2.2-2] [CIBA-13]', () =>
    refused(ask(f, { binding_message: undefined }), 'invalid_request', 'binding_message_missing'));

  it.each([
    ['too long', 'x'.repeat(81), 'binding_message_too_long'],
    ['of two lines', '12\n34', 'binding_message_undisplayable'],
    ['of nothing to see', '   ', 'binding_message_undisplayable'],
    ['that turns the writing around', '12\u202e34', 'binding_message_undisplayable'],
    ['with something invisible in it', '12\u200b34', 'binding_message_undisplayable'],
    ['with a letter that nobody sees', '12\u316434', 'binding_message_undisplayable'],
    ['with a picture', '1234 \u{1f44d}', 'binding_message_undisplayable'],
  ])('with a binding message %s [CIBA-CORE-13]', (_, message, reason) =>
    refused(ask(f, { binding_message: message }), 'invalid_binding_message', reason),
  );

  it.each([0, -1, 1.5, '0', '-5', '30s', '1e3', '', 'never', null, true, 1e12])(
    'that wants to live for %j [CIBA-CORE-7.1]',
    (expiry) => refused(ask(f, { requested_expiry: expiry }), 'invalid_request', 'requested_expiry_malformed'),
  );

  it.each([
    ['missing', undefined, 'notification_token_missing'],
    ['empty', '', 'notification_token_missing'],
    ['too short to be random enough', 'a'.repeat(20), 'notification_token_malformed'],
    ['too long', 'a'.repeat(1025), 'notification_token_malformed'],
    ['outside the syntax', 'a'.repeat(20) + ' b', 'notification_token_malformed'],
    ['with a line of its own', 'a'.repeat(30) + '\r\nx: y', 'notification_token_malformed'],
  ])('of a client to be pinged, whose token is %s [CIBA-CORE-7.1]', async (_, token, reason) => {
    f = await pingFixture();
    await expectRefusal(f, ask(f, { client_notification_token: token }), 'invalid_request', reason);
    expect(f.state.cibaRequests.size).toBe(0);
    await expect(ask(f, { client_notification_token: 'a'.repeat(21) })).resolves.toBeDefined();
  });

  it('when the person has not answered twenty others of this client [FAPI-CIBA-7.2]', async () => {
    for (let i = 0; i < CIBA.waitingMax; i++) await ask(f);
    const error = await expectRefusal(f, ask(f), 'access_denied', 'too_many_waiting');
    expect(error.status).toBe(403);
    expect(f.state.cibaRequests.size).toBe(CIBA.waitingMax);
    await expect(ask(f, { login_hint: 'bob@example.test' })).resolves.toBeDefined();
    f.clock.advance(CIBA.requestLifetime);
    await expect(ask(f)).resolves.toBeDefined();
  });
});

describe('an ID token as a hint is refused', () => {
  const now = () => Math.floor(f.clock.now().getTime() / 1000);
  const idToken = (claims: object, typ: 'JWT' | 'at+jwt' = 'JWT') =>
    f.engine.keys.sign('ES256', typ, {
      iss: ISSUER,
      aud: 'first',
      sub: 'alice',
      iat: now(),
      exp: now() + 60,
      ...claims,
    });
  const askAbout = async (hint: string | Promise<string>) =>
    ask(f, { login_hint: undefined, id_token_hint: await hint });

  it.each([
    ["when it was another client's [OIDC-CORE-3.1.2.1]", { aud: 'second' }],
    ['when it was for several [OIDC-CORE-3.1.2.1]', { aud: ['first', 'second'] }],
    ['when it is of another issuer [OIDC-CORE-3.1.2.1]', { iss: 'https://other.test' }],
    ['when it names nobody [OIDC-CORE-3.1.2.1]', { sub: undefined }],
  ])('%s', (_, claims) => refused(askAbout(idToken(claims)), 'invalid_request', 'id_token_hint_invalid'));

  it('when it is an access token [RFC8725-3.11]', () =>
    refused(askAbout(idToken({}, 'at+jwt')), 'invalid_request', 'id_token_hint_invalid'));

  it('when the client signed it itself [OIDC-CORE-3.1.2.1]', () =>
    refused(
      askAbout(sign({ iss: ISSUER, aud: 'first', sub: 'alice' }, 'ES256', { typ: 'JWT' })),
      'invalid_request',
      'id_token_hint_invalid',
    ));

  it('when it is no token', () => refused(askAbout('alice'), 'invalid_request', 'id_token_hint_invalid'));

  it('when its person is not known any more [CIBA-CORE-13]', () =>
    refused(askAbout(idToken({ sub: 'carol' })), 'unknown_user_id', 'hinted_person_unknown'));

  it('and good when it is ours and this client’s, also after it has expired [OIDC-CORE-3.1.2.1]', async () => {
    const old = await idToken({ sub: 'bob' });
    f.clock.advance(400);
    await askAbout(old);
    expect([...f.state.cibaRequests.values()][0]?.request.subject).toBe('bob');
  });
});

describe('an accepted request', () => {
  it('is answered with a handle of 256 random bits, its life and the interval [CIBA-CORE-7.3] [CIBA-06]', async () => {
    const answer = await ask(f);
    expect(answer).toEqual({
      auth_req_id: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
      expires_in: 300,
      interval: 5,
    });
    expect((await ask(f)).auth_req_id).not.toBe(answer.auth_req_id);
  });

  it('is kept as it was signed, and the handle is not', async () => {
    const { auth_req_id: authReqId } = await ask(f, {
      acr_values: 'urn:some:acr',
      client_notification_token: 'unused',
    });
    expect([...f.state.cibaRequests.values()].map(({ request }) => request)).toEqual([
      {
        id: cibaRequestId(authReqId),
        clientId: 'first',
        subject: 'alice',
        scopes: ['openid', 'profile'],
        authorizationDetails: DETAILS,
        bindingMessage: '1234',
        asksForAcr: true,
        askedAt: f.clock.now(),
        expiresAt: new Date(f.clock.now().getTime() + 300_000),
        interval: 5,
      },
    ]);
    expect(JSON.stringify([...f.state.cibaRequests])).not.toContain(authReqId);
  });

  it('keeps what a ping will carry, for a client that is pinged [CIBA-CORE-10.2]', async () => {
    f = await pingFixture();
    const token = `${'t'.repeat(1023)}=`;
    const { auth_req_id: authReqId } = await ask(f, { client_notification_token: token });
    expect([...f.state.cibaRequests.values()][0]?.request.ping).toEqual({ authReqId, token });
  });

  it.each([
    [30, 30],
    ['30', 30],
    ['300', 300],
    [1, 1],
    [86_400, CIBA.requestMaxLifetime],
  ])(
    'lives for the %j seconds it asked for, at most for our own limit [CIBA-CORE-7.1] [CIBA-12]',
    async (wanted, given) => {
      expect(await ask(f, { requested_expiry: wanted })).toMatchObject({ expires_in: given });
    },
  );

  it('may be ten seconds ahead of our clock [FAPI2-SP-FINAL-5.3.2.1-13]', () =>
    expect(ask(f, { nbf: inSeconds(10), iat: inSeconds(10) })).resolves.toBeDefined());

  it('may name several audiences, ours among them [CIBA-CORE-7.1.1]', () =>
    expect(ask(f, { aud: ['https://other.test', ISSUER] })).resolves.toBeDefined());

  it('may carry details as text, a request context, and what nobody knows [FAPI-CIBA-5.3]', async () => {
    const details = JSON.stringify([{ type: 'account_information', actions: ['read_balances'] }]);
    await ask(f, { authorization_details: details, request_context: { place: 'shop' }, unknown: { a: 1 } });
    expect([...f.state.cibaRequests.values()][0]?.request.authorizationDetails).toEqual([
      { type: 'account_information', actions: ['read_balances'], locations: [BANK] },
    ]);
  });

  it('may ask for nothing but who the person is', async () => {
    await ask(f, { authorization_details: undefined, scope: 'openid' });
    expect([...f.state.cibaRequests.values()][0]?.request.authorizationDetails).toEqual([]);
  });

  it.each(['1234', '口座番号 1234', 'Überweisung 7 – 5 €', 'x'.repeat(80)])('may show %s [CIBA-CORE-7.1]', (message) =>
    expect(ask(f, { binding_message: message })).resolves.toBeDefined(),
  );

  it('leaves an audit event that says whom the client asks for, and nothing secret', async () => {
    f = await pingFixture();
    const token = 'a'.repeat(43);
    const { auth_req_id: authReqId } = await ask(f, { client_notification_token: token });
    expect(f.events).toMatchObject([{ action: 'ciba.request', outcome: 'allowed', client: 'first', subject: 'alice' }]);
    expectNoSecrets(f, [authReqId, token]);
  });
});
