import { decodeProtectedHeader } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import {
  authorize,
  BANK,
  CHALLENGE,
  claimsOf,
  engineFixture,
  expectNoSecrets,
  expectRefusal,
  ISSUER,
  redeem,
  refresh,
  request,
  tokens,
  VERIFIER,
} from '../../testing/engine-fixture.ts';
import { exchange } from './exchange.ts';

let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture();
});

const narrower = (changes: object) =>
  JSON.stringify([{ type: 'account_information', actions: ['read_balances'], locations: [BANK], ...changes }]);

describe('the token endpoint refuses', () => {
  const refused = async (form: Record<string, string | undefined>, code: string, reason: string) => {
    await expectRefusal(f, exchange(f.engine, request({ client_id: 'first', ...form }, f.peers.first)), code, reason);
  };

  it('a request without grant_type [RFC6749-5.2]', () => refused({}, 'invalid_request', 'parameter_missing'));

  it.each(['password', 'implicit', 'urn:ietf:params:oauth:grant-type:jwt-bearer', '__proto__', 'toString'])(
    'the grant type %s [RFC6749-5.2]',
    (type) => refused({ grant_type: type }, 'unsupported_grant_type', 'grant_type_unsupported'),
  );

  it('a repeated parameter, even with the same value [RFC6749-3.2] [TOK-44]', async () => {
    const once = request({ client_id: 'first', grant_type: 'authorization_code', code: 'x' }, f.peers.first);
    const twice = { ...once, form: [...once.form, ['code', 'x'] as const] };
    await expectRefusal(f, exchange(f.engine, twice), 'invalid_request', 'parameter_repeated');
  });

  it('a grant type the client did not register for [RFC6749-5.2]', async () => {
    f = await engineFixture({ grantTypes: ['authorization_code'] });
    await refused({ grant_type: 'refresh_token', refresh_token: 'x' }, 'unauthorized_client', 'grant_type_not_allowed');
  });
});

describe('a code is refused', () => {
  let code: string;
  beforeEach(async () => {
    ({ code } = await authorize(f));
  });
  const refused = async (changes: Record<string, string | undefined>, reason: string) => {
    await expectRefusal(f, redeem(f, code, changes), 'invalid_grant', reason);
  };
  /** Nothing was issued, and the owner can still redeem. */
  const unharmed = async () => {
    expect(f.state.refreshTokens.size).toBe(0);
    await expect(redeem(f, code)).resolves.toMatchObject({ token_type: 'Bearer' });
  };

  it('when it is missing [RFC6749-4.1.3]', async () => {
    await expectRefusal(f, redeem(f, code, { code: undefined }), 'invalid_request', 'parameter_missing');
  });

  it('when it was made up', () => refused({ code: 'A'.repeat(43) }, 'code_unknown'));

  it('to another client, which does not burn it [RFC6749-4.1.3] [TOK-16]', async () => {
    const theft = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'https://first.test/callback',
      code_verifier: VERIFIER,
    };
    const attempt = exchange(f.engine, request({ ...theft, client_id: 'second' }, f.peers.second));
    await expectRefusal(f, attempt, 'invalid_grant', 'code_foreign');
    await unharmed();
  });

  it('without a verifier [RFC7636-4.6] [TOK-15]', async () => {
    await refused({ code_verifier: undefined }, 'code_verifier_missing');
    await unharmed();
  });

  it('with another verifier [RFC7636-4.6] [TOK-15]', async () => {
    await refused({ code_verifier: 'w'.repeat(43) }, 'code_verifier_mismatch');
    await unharmed();
  });

  it('with a challenge that is the right one only to a decoder [RFC7636-4.6]', async () => {
    // The last letter of 43 has two bits that no byte comes from.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const respelt = CHALLENGE.slice(0, -1) + alphabet[alphabet.indexOf(CHALLENGE.at(-1)!) + 1]!;
    const authorized = await authorize(f, { code_challenge: respelt });
    await expectRefusal(f, redeem(f, authorized.code), 'invalid_grant', 'code_verifier_mismatch');
  });

  it.each(['v'.repeat(42), 'v'.repeat(129), `${'v'.repeat(43)} `])(
    'with the malformed verifier %s [RFC7636-4.1]',
    (verifier) => refused({ code_verifier: verifier }, 'code_verifier_malformed'),
  );

  it.each([undefined, 'https://first.test/other'])('with redirect_uri %s [RFC6749-4.1.3]', async (uri) => {
    await refused({ redirect_uri: uri }, 'redirect_uri_mismatch');
    await unharmed();
  });

  it('after 60 seconds [FAPI2-SP-FINAL-5.3.2.1-11] [AUTH-17] [RFC6749-5.2] [TOK-17]', async () => {
    f.clock.advance(60);
    await refused({}, 'code_expired');
  });

  it('when its grant was revoked meanwhile', async () => {
    const [grant] = f.state.grants.values();
    await f.state.revokeGrant(grant?.id ?? '', 'test', f.clock.now(), f.clock.now());
    await refused({}, 'grant_revoked');
  });

  it('the second time, which revokes what the first gave [RFC6749-4.1.2] [TOK-20] [FAPI2-SP-FINAL-5.3.2.2-9] [AUTH-18] [RFC6749-5.2] [TOK-18]', async () => {
    const first = await redeem(f, code);
    await refused({}, 'code_used');
    expect(f.events.at(-2)).toMatchObject({
      action: 'grant.revoke',
      reason: 'code_used',
      grant: claimsOf(first.access_token)['grant_id'],
    });
    await expectRefusal(f, refresh(f, first.refresh_token), 'invalid_grant', 'grant_revoked');
  });

  it('the second time to another client without revoking anything', async () => {
    const first = await redeem(f, code);
    const form = {
      grant_type: 'authorization_code',
      client_id: 'second',
      code,
      redirect_uri: 'https://first.test/callback',
      code_verifier: VERIFIER,
    };
    await expectRefusal(f, exchange(f.engine, request(form, f.peers.second)), 'invalid_grant', 'code_foreign');
    await expect(refresh(f, first.refresh_token)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('to all but one of fifty at once, and the grant is revoked [FAPI2-SP-FINAL-5.3.2.2-9] [TOK-21]', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 50 }, () => redeem(f, code)));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(f.state.refreshTokens.size).toBe(1);
    expect([...f.state.grants.values()][0]?.revokedAt).toBeDefined();
  });

  it('when the token request asks for more than was granted [RFC9396-6] [TOK-47]', async () => {
    const wider = narrower({ actions: ['read_transactions'] });
    const attempt = redeem(f, code, { authorization_details: wider });
    await expectRefusal(f, attempt, 'invalid_authorization_details', 'authorization_details_widened');
    await unharmed();
  });
});

describe('a code gives', () => {
  it('an access token bound to the live certificate, for the bank and for userinfo [RFC8705-3.1] [RFC9068-2.2] [TOK-25]', async () => {
    const { access_token: token, ...response } = await tokens(f);
    expect(response).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'openid profile' });
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: f.engine.keys.publicJwks().keys[0]?.kid,
    });
    expect(claimsOf(token)).toMatchObject({
      iss: ISSUER,
      sub: 'alice',
      aud: [BANK, ISSUER],
      client_id: 'first',
      cnf: { 'x5t#S256': f.peers.first.thumbprint },
      authorization_details: [{ type: 'account_information', accounts: ['acc-1'], consent_id: 'consent-1' }],
    });
  });

  it('an ID token with the nonce exactly as sent, and no claim nobody asked for [OIDC-CORE-2] [TOK-33] [OIDC-CORE-5.4] [TOK-36]', async () => {
    const { id_token: token } = await tokens(f, { nonce: 'nonce "1" ' });
    expect(claimsOf(token)).toEqual({
      iss: ISSUER,
      sub: 'alice',
      aud: 'first',
      iat: 1780315200,
      exp: 1780315500,
      nonce: 'nonce "1" ',
    });
    expect(decodeProtectedHeader(token ?? '')).toMatchObject({
      alg: 'ES256',
      kid: f.engine.keys.publicJwks().keys[0]?.kid,
    });
  });

  it('auth_time when max_age was asked [OIDC-CORE-2] [TOK-35]', async () => {
    const { id_token: token } = await tokens(f, { max_age: '600' });
    expect(claimsOf(token)).toMatchObject({ auth_time: 1780315200 });
  });

  it('no ID token without openid [OIDC-CORE-3.1.3.3] [TOK-37]', async () => {
    const response = await tokens(f, { scope: undefined });
    expect(response.id_token).toBeUndefined();
    expect(claimsOf(response.access_token).aud).toEqual([BANK]);
  });

  it('less, when the token request asks for less [RFC9396-6] [RFC9396-7] [TOK-46]', async () => {
    const { code } = await authorize(f);
    const { authorization_details: details } = await redeem(f, code, { authorization_details: narrower({}) });
    expect(details).toMatchObject([{ actions: ['read_balances'], accounts: ['acc-1'], consent_id: 'consent-1' }]);
  });

  it('no refresh token to a client that did not register for it', async () => {
    f = await engineFixture({ grantTypes: ['authorization_code'] });
    expect((await tokens(f)).refresh_token).toBeUndefined();
  });

  it('nothing to the audit trail', async () => {
    const { code } = await authorize(f);
    const { access_token: access, refresh_token: again, id_token: id } = await redeem(f, code);
    expectNoSecrets(f, [code, access, again, id, VERIFIER]);
    expect(f.events.at(-1)).toMatchObject({
      action: 'token.authorization_code',
      outcome: 'allowed',
      client: 'first',
      subject: 'alice',
    });
  });
});

describe('a refresh token is refused', () => {
  let token: string | undefined;
  beforeEach(async () => {
    ({ refresh_token: token } = await tokens(f));
  });

  it('when it is missing [RFC6749-6]', async () => {
    await expectRefusal(f, refresh(f, undefined), 'invalid_request', 'parameter_missing');
  });

  it('when it was made up [RFC6749-6]', async () => {
    await expectRefusal(f, refresh(f, 'A'.repeat(43)), 'invalid_grant', 'refresh_token_unknown');
  });

  it('to another client with a certificate of its own, and stays usable for its owner [RFC6749-10.4] [TOK-19]', async () => {
    const form = { grant_type: 'refresh_token', client_id: 'second', refresh_token: token };
    await expectRefusal(f, exchange(f.engine, request(form, f.peers.second)), 'invalid_grant', 'refresh_token_foreign');
    await expect(refresh(f, token)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('to another client that claims to be the owner [RFC8705-2.1]', async () => {
    const form = { grant_type: 'refresh_token', client_id: 'first', refresh_token: token };
    const theft = exchange(f.engine, request(form, f.peers.second));
    await expectRefusal(f, theft, 'invalid_client', 'certificate_subject_mismatch');
  });

  it('after the grant has ended', async () => {
    f.clock.advance(90 * 24 * 3600);
    f.peers.first = f.pki.peer(
      f.pki.mint({
        dnsNames: ['first.test'],
        notBefore: f.clock.now(),
        notAfter: new Date(f.clock.now().getTime() + 1000),
      }),
    );
    await expectRefusal(f, refresh(f, token), 'invalid_grant', 'refresh_token_expired');
  });

  it('for a scope that was not granted [RFC6749-6] [TOK-48]', async () => {
    await expectRefusal(f, refresh(f, token, { scope: 'openid payments' }), 'invalid_scope', 'scope_widened');
  });

  it('for details that were not granted [RFC9396-6] [TOK-48]', async () => {
    const wider = narrower({ actions: ['read_balances', 'read_transactions'] });
    const attempt = refresh(f, token, { authorization_details: wider });
    await expectRefusal(f, attempt, 'invalid_authorization_details', 'authorization_details_widened');
  });

  it('for accounts of its own choosing [RFC9396-6] [TOK-48]', async () => {
    const other = narrower({ accounts: ['acc-2'] });
    const attempt = refresh(f, token, { authorization_details: other });
    await expectRefusal(f, attempt, 'invalid_authorization_details', 'authorization_details_malformed');
  });
});

describe('a refresh token', () => {
  it('gives a new access token and stays what it is: no routine rotation [FAPI2-SP-FINAL-5.3.2.1-9] [TOK-30]', async () => {
    const first = await tokens(f);
    const second = await refresh(f, first.refresh_token);
    expect(second.refresh_token).toBeUndefined();
    expect(second.access_token).not.toBe(first.access_token);
    const attempts = await Promise.all(Array.from({ length: 50 }, () => refresh(f, first.refresh_token)));
    expect(new Set(attempts.map((it) => claimsOf(it.access_token).jti)).size).toBe(50);
    expect(f.state.refreshTokens.size).toBe(1);
  });

  it('binds the new access token to a renewed certificate [RFC8705-7.1] [TOK-29] [RFC8705-6.3] [TOK-31]', async () => {
    const { refresh_token: token } = await tokens(f);
    f.peers.first = f.pki.peer(f.pki.mint({ dnsNames: ['first.test'] }));
    const { access_token: renewed } = await refresh(f, token);
    expect(claimsOf(renewed)['cnf']).toEqual({ 'x5t#S256': f.peers.first.thumbprint });
  });

  it('can ask for less scope and get it back later [RFC6749-6]', async () => {
    const { refresh_token: token } = await tokens(f);
    expect((await refresh(f, token, { scope: 'openid' })).scope).toBe('openid');
    expect((await refresh(f, token)).scope).toBe('openid profile');
  });

  it('is replaced at its next use after an incident, once, however many ask [FAPI2-SP-FINAL-5.3.2.1-9]', async () => {
    f = await engineFixture({ replaceRefreshTokensIssuedBefore: new Date('2026-06-01T12:30:00Z') });
    const { refresh_token: token } = await tokens(f);
    f.clock.advance(3600);
    const attempts = await Promise.allSettled(Array.from({ length: 50 }, () => refresh(f, token)));
    const winners = attempts.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
    expect(winners).toHaveLength(1);
    await expectRefusal(f, refresh(f, token), 'invalid_grant', 'refresh_token_replaced');
    const next = await refresh(f, winners[0]?.refresh_token);
    expect(next.refresh_token).toBeUndefined();
  });

  it('never gives an access token that outlives the grant', async () => {
    const { refresh_token: token } = await tokens(f);
    f.clock.advance(90 * 24 * 3600 - 100);
    f.peers.first = f.pki.peer(
      f.pki.mint({
        dnsNames: ['first.test'],
        notBefore: f.clock.now(),
        notAfter: new Date(f.clock.now().getTime() + 1000),
      }),
    );
    expect((await refresh(f, token)).expires_in).toBe(100);
  });
});
