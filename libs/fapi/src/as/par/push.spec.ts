import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import {
  engineFixture,
  expectNoSecrets,
  expectRefusal,
  GOOD_REQUEST,
  push,
  request,
} from '../../testing/engine-fixture.ts';
import { pushAuthorizationRequest } from './push.ts';

let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture();
});

const refused = async (changes: Record<string, string | undefined>, code: string, reason: string) => {
  await expectRefusal(f, push(f, changes), code, reason);
  expect(f.state.pushedRequests.size).toBe(0);
};

const details = (...list: unknown[]) => ({ authorization_details: JSON.stringify(list) });
const TWICE = '[{"type":"account_information","actions":["list_accounts"],"actions":["read_balances"]}]';
const GOOD_DETAIL = { type: 'account_information', actions: ['read_balances'] };

describe('a pushed authorization request is refused', () => {
  it('with a repeated parameter [RFC6749-3.1]', async () => {
    const form = [...Object.entries(GOOD_REQUEST), ['client_id', 'second']] as [string, string][];
    const pushed = pushAuthorizationRequest(f.engine, { form, authorization: [], dpop: [], peer: f.peers.first });
    await expectRefusal(f, pushed, 'invalid_request', 'parameter_repeated');
  });

  it('from a client that may not redeem a code [RFC6749-4.1.2.1]', async () => {
    f = await engineFixture({ grantTypes: ['refresh_token'] });
    await refused({}, 'unauthorized_client', 'grant_type_not_allowed');
  });

  it('with a request_uri of its own [RFC9126-2.1] [PAR-06]', () =>
    refused({ request_uri: 'https://evil.test/request.jwt' }, 'invalid_request', 'request_uri_not_accepted'));

  it('with a request object, which this client did not register for [RFC9126-3]', () =>
    refused({ request: 'a.b.c' }, 'invalid_request', 'request_object_not_accepted'));

  it('without response_type [RFC6749-4.1.1]', () =>
    refused({ response_type: undefined }, 'invalid_request', 'parameter_missing'));

  it.each(['token', 'id_token', 'code id_token', 'none', 'CODE'])(
    'with response_type %s [FAPI2-SP-FINAL-5.3.2.2-1] [POL-07] [RFC9126-2.3] [PAR-15]',
    (type) => refused({ response_type: type }, 'unsupported_response_type', 'response_type_unsupported'),
  );

  it.each(['fragment', 'form_post', 'jwt', 'web_message'])(
    'with response_mode %s, which is not advertised [RFC8414-2] [META-17]',
    (mode) => refused({ response_mode: mode }, 'invalid_request', 'response_mode_unsupported'),
  );

  it('without redirect_uri [FAPI2-SP-FINAL-5.3.2.2-6] [PAR-14]', () =>
    refused({ redirect_uri: undefined }, 'invalid_request', 'redirect_uri_missing'));

  it.each([
    'https://first.test/callback/',
    'https://first.test/callback?x=1',
    'https://first.test/callback#x',
    'https://first.test/Callback',
    'https://FIRST.test/callback',
    'https://first.test:443/callback',
    'https://first.test/./callback',
    'https://first.test/%63allback',
    'https://first.test@evil.test/callback',
    'https://first.test.evil.test/callback',
    'http://first.test/callback',
    'https://second.test/callback',
    'javascript:alert(1)',
  ])('with the unregistered redirect_uri %s [FAPI2-SP-FINAL-5.3.2.2-8] [RFC9126-2.4] [POL-05]', (uri) =>
    refused({ redirect_uri: uri }, 'invalid_request', 'redirect_uri_unregistered'),
  );

  it('without PKCE [FAPI2-SP-FINAL-5.3.2.2-5] [POL-09] [PAR-09]', () =>
    refused({ code_challenge: undefined }, 'invalid_request', 'code_challenge_missing'));

  it.each(['plain', 's256', undefined])(
    'with code_challenge_method %s [FAPI2-SP-FINAL-5.3.2.2-5] [POL-09] [PAR-10]',
    (method) => refused({ code_challenge_method: method }, 'invalid_request', 'code_challenge_method_unsupported'),
  );

  it.each(['c'.repeat(42), 'c'.repeat(44), `${'c'.repeat(42)}=`, `${'c'.repeat(42)}+`])(
    'with the malformed challenge %s [RFC7636-4.2]',
    (challenge) => refused({ code_challenge: challenge }, 'invalid_request', 'code_challenge_malformed'),
  );

  it('with a scope the client was not registered for [RFC6749-3.3]', () =>
    refused({ scope: 'openid payments' }, 'invalid_scope', 'scope_not_allowed'));

  it('when it asks for nothing', () =>
    refused({ scope: undefined, authorization_details: undefined }, 'invalid_scope', 'nothing_requested'));

  it('when it asks for a token that would be for nobody [RFC9068-2.2]', () =>
    refused({ scope: 'profile', authorization_details: undefined }, 'invalid_scope', 'nothing_requested'));

  it.each([
    ['text that is not JSON', { authorization_details: '[{' }],
    ['an object', { authorization_details: '{}' }],
    ['an empty list', details()],
    ['too many', details(...Array.from({ length: 6 }, () => GOOD_DETAIL))],
    ['something enormous', { authorization_details: JSON.stringify([{ ...GOOD_DETAIL, x: 'x'.repeat(5000) }]) }],
    ['a bare text', details('account_information')],
    ['null', details(null)],
    ['an unknown member', details({ ...GOOD_DETAIL, accounts: [] })],
    ['no actions', details({ type: 'account_information' })],
    ['empty actions', details({ ...GOOD_DETAIL, actions: [] })],
    ['an unknown action', details({ ...GOOD_DETAIL, actions: ['move_money'] })],
    ['a repeated action', details({ ...GOOD_DETAIL, actions: ['read_balances', 'read_balances'] })],
    ['actions that are no list', details({ ...GOOD_DETAIL, actions: 'read_balances' })],
    ['another bank', details({ ...GOOD_DETAIL, locations: ['https://evil.test'] })],
    ['a member that stands twice', { authorization_details: TWICE }],
    ['one type twice', details(GOOD_DETAIL, { ...GOOD_DETAIL, actions: ['list_accounts'] })],
  ])('when authorization_details is %s [RFC9396-5] [TOK-45]', (_, changes) =>
    refused(changes, 'invalid_authorization_details', 'authorization_details_malformed'),
  );

  it.each([{ ...GOOD_DETAIL, type: 'payment_initiation' }, { ...GOOD_DETAIL, type: '__proto__' }, { actions: [] }])(
    'when an authorization_details type is not known: %j [RFC9396-5] [TOK-45]',
    (detail) => refused(details(detail), 'invalid_authorization_details', 'authorization_details_type_unsupported'),
  );

  it.each([
    ['state', 513],
    ['nonce', 257],
  ])('with a %s of %d characters [PAR-12]', (name, length) =>
    refused({ [name]: 'x'.repeat(length) }, 'invalid_request', 'parameter_too_long'),
  );

  it.each(['state', 'nonce'])('with a %s that holds a line break [RFC6749-A.5]', (name) =>
    refused({ [name]: 'a\r\nSet-Cookie: b' }, 'invalid_request', 'parameter_malformed'),
  );

  it('with prompt=none beside another prompt [OIDC-CORE-3.1.2.1]', () =>
    refused({ prompt: 'none login' }, 'invalid_request', 'prompt_unsupported'));

  it.each([
    { grant_management_action: 'merge', grant_id: 'g' },
    { grant_management_action: 'create' },
    { grant_id: 'g' },
  ])('with a wish to change grants that is not offered: %j [GM-5.2]', (wish) =>
    refused(wish, 'invalid_request', 'grant_management_action_unsupported'),
  );

  it('with claims that name two persons [OIDC-CORE-5.5.1]', () => {
    const claims = { id_token: { sub: { value: 'alice' } }, userinfo: { sub: { value: 'bob' } } };
    return refused({ claims: JSON.stringify(claims) }, 'invalid_request', 'claims_malformed');
  });

  it.each(['-1', '1.5', 'soon', '9'.repeat(10)])('with max_age=%s [OIDC-CORE-3.1.2.1]', (maxAge) =>
    refused({ max_age: maxAge }, 'invalid_request', 'parameter_malformed'),
  );

  it('when another client pushes in the name of the first [RFC9126-2]', async () => {
    const pushed = pushAuthorizationRequest(f.engine, request(GOOD_REQUEST, f.peers.second));
    await expectRefusal(f, pushed, 'invalid_client', 'certificate_subject_mismatch');
    expect(f.state.pushedRequests.size).toBe(0);
  });
});

describe('a pushed authorization request', () => {
  it('gives a handle of at least 128 random bits that lives less than 600 s [FAPI2-SP-FINAL-5.3.2.2-12] [PAR-03] [RFC9126-2.2] [PAR-02]', async () => {
    const { request_uri: uri, expires_in: lifetime } = await push(f);
    expect(uri).toMatch(/^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43}$/);
    expect(lifetime).toBeGreaterThanOrEqual(60);
    expect(lifetime).toBeLessThanOrEqual(90);
    expect((await push(f)).request_uri).not.toBe(uri);
  });

  it('accepts a state of 128 and a nonce of 64 characters [FAPI2-SP-FINAL-5.3.2.2-14] [PAR-13]', async () => {
    await push(f, { state: 's'.repeat(128), nonce: 'n'.repeat(64) });
    expect([...f.state.pushedRequests.values()][0]?.value).toMatchObject({ state: 's'.repeat(128) });
  });

  it('needs neither state nor nonce [OIDC-CORE-3.1.2.1] [POL-14]', async () => {
    await push(f, { state: undefined, nonce: undefined });
    const kept = [...f.state.pushedRequests.values()][0]?.value;
    expect(kept).toMatchObject({ clientId: 'first' });
    expect([kept?.state, kept?.nonce]).toEqual([undefined, undefined]);
  });

  it('ignores parameters it does not know, and keeps none of them [RFC6749-3.1]', async () => {
    await push(f, { amount: '9999' });
    expect(JSON.stringify([...f.state.pushedRequests.values()])).not.toContain('9999');
  });

  it('fills in where the details apply [RFC9396-2.2]', async () => {
    await push(f, details(GOOD_DETAIL));
    expect([...f.state.pushedRequests.values()][0]?.value.authorizationDetails).toEqual([
      { ...GOOD_DETAIL, locations: ['https://api.bank.test'] },
    ]);
  });

  it('leaves an audit event with client and certificate, and without the handle', async () => {
    const { request_uri: uri } = await push(f);
    expect(f.events).toHaveLength(1);
    expect(f.events[0]).toMatchObject({
      action: 'par.push',
      outcome: 'allowed',
      client: 'first',
      presentedThumbprint: f.peers.first.thumbprint,
    });
    expectNoSecrets(f, [uri.split(':').at(-1), GOOD_REQUEST['code_challenge'], 'state-1', 'nonce-1']);
  });
});
