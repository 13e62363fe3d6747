import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerMischief } from '../testing/little-authorization-server.ts';
import { SUBJECT } from '../testing/little-authorization-server.ts';
import type { World } from '../testing/tidepool-under-test.ts';
import { linkBank, openWorld } from '../testing/tidepool-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterEach(() => {
  world.as.mischief = {};
  world.as.accessTokenLifetime = 300;
});
afterAll(() => world.close());

/** Links with a server that does this wrong; the link must be refused before the bank is called. */
async function expectRefused(mischief: ServerMischief, reason: string): Promise<void> {
  world.as.mischief = mischief;
  const browser = world.browser();
  await browser.get('/');
  const { location = '' } = await browser.post('/link');
  const bankCalls = world.bank.calls.length;
  const seen = await browser.get(world.as.agree(location));
  expect({ status: seen.status, reason: world.audit('link.finish').at(-1)?.reason }).toEqual({ status: 400, reason });
  expect((await browser.get('/accounts')).location).toBe('/');
  expect(world.bank.calls).toHaveLength(bankCalls);
}

const seconds = (): number => Math.floor(Date.now() / 1000);
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

type Claims = Record<string, unknown>;
const without =
  (name: string) =>
  (claims: Claims): Claims =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
const having =
  (change: Claims) =>
  (claims: Claims): Claims => ({ ...claims, ...change });

describe('an ID token', () => {
  const claimFaults: readonly [title: string, reason: string, claims: (honest: Claims) => Claims][] = [
    ['of another issuer [CLI-17]', 'id_token_iss_mismatch', having({ iss: 'https://evil.localhost' })],
    ['without issuer [CLI-17]', 'id_token_iss_missing', without('iss')],
    ['for another client [CLI-18]', 'id_token_aud_mismatch', having({ aud: 'lab-first-client' })],
    ['without audience [CLI-18]', 'id_token_aud_missing', without('aud')],
    ['with a second audience and no azp [CLI-21]', 'id_token_aud_mismatch', having({ aud: ['tidepool', 'other'] })],
    ['with a foreign azp', 'id_token_azp_mismatch', having({ aud: ['tidepool', 'other'], azp: 'other' })],
    ['that has expired [CLI-19]', 'id_token_expired', having({ exp: seconds() - 31 })],
    ['without exp [CLI-19]', 'id_token_exp_missing', without('exp')],
    ['with another nonce [CLI-20]', 'id_token_nonce_mismatch', having({ nonce: 'another' })],
    ['without nonce [CLI-20]', 'id_token_nonce_missing', without('nonce')],
    ['without subject', 'id_token_sub_missing', without('sub')],
    ['without iat', 'id_token_iat_missing', without('iat')],
    ['from the future', 'id_token_from_the_future', (honest) => having({ iat: seconds() + 90 })(honest)],
    ['from long ago', 'id_token_stale', (honest) => having({ iat: seconds() - 3600 })(honest)],
    ['not yet valid', 'id_token_not_yet_valid', (honest) => having({ nbf: seconds() + 90 })(honest)],
  ];

  it.each(claimFaults)('is refused %s [OIDC-CORE-3.1.3.7]', (_title, reason, claims) =>
    expectRefused({ idToken: { claims } }, reason),
  );

  it('is refused with alg none [OIDC-CORE-3.1.3.7] [CLI-22]', () =>
    expectRefused({ idToken: { header: having({ alg: 'none' }) } }, 'id_token_algorithm_not_allowed'));

  it.each(['RS256', 'PS256', 'HS256', 'ES384'])(
    'is refused with alg %s instead of ES256 [OIDC-CORE-3.1.3.7] [CLI-22]',
    (alg) => expectRefused({ idToken: { header: having({ alg }) } }, 'id_token_algorithm_not_allowed'),
  );

  it('is refused when a stranger signed it [OIDC-CORE-3.1.3.7]', () =>
    expectRefused({ idToken: { key: stranger } }, 'id_token_signature_invalid'));

  it('is refused when its key is not published [OIDC-CORE-3.1.3.7]', () =>
    expectRefused({ idToken: { header: having({ kid: 'two' }) } }, 'id_token_key_unknown'));

  it('is refused when it is no JWT [OIDC-CORE-3.1.3.7]', () =>
    expectRefused({ idToken: { raw: 'not.a.jwt' } }, 'id_token_malformed'));

  it('is refused when it is missing [OIDC-CORE-3.1.3.3]', () =>
    expectRefused({ tokenResponse: without('id_token') }, 'id_token_missing'));

  it('is accepted with its audience as a list of one [OIDC-CORE-2] [CLI-25]', async () => {
    world.as.mischief = { idToken: { claims: having({ aud: ['tidepool'] }) } };
    const browser = world.browser();
    await linkBank(world, browser);
    expect(world.audit('link.finish').at(-1)).toMatchObject({ outcome: 'allowed', subject: SUBJECT });
  });
});

describe('a token response', () => {
  const detail = { type: 'account_information', actions: ['list_accounts'], locations: [''] };
  const details = (change: Claims) => (body: Claims) => ({
    ...body,
    authorization_details: [{ ...detail, locations: [world.bank.api], ...change }],
  });
  const faults: readonly [title: string, reason: string, change: (body: Claims) => Claims][] = [
    ['with a token type that needs a proof', 'token_type_unsupported', having({ token_type: 'DPoP' })],
    ['without access token', 'token_response_malformed', without('access_token')],
    ['without authorization_details [RFC9396-7]', 'authorization_details_missing', without('authorization_details')],
    [
      'for another bank [FAPI2-SP-FINAL-6.3] [CLI-23]',
      'authorization_details_for_another_bank',
      details({ locations: ['https://evil.localhost'] }),
    ],
    [
      'with more than was asked [RFC9396-7]',
      'authorization_details_not_as_asked',
      details({ actions: ['list_accounts', 'pay'] }),
    ],
    [
      'with an end that is no moment [RFC9396-7]',
      'authorization_details_not_as_asked',
      details({ expires_at: 'in ninety days' }),
    ],
    ['of another type [RFC9396-7]', 'authorization_details_not_as_asked', details({ type: 'payment_initiation' })],
  ];

  it.each(faults)('is refused %s', (_title, reason, tokenResponse) => expectRefused({ tokenResponse }, reason));

  it('that is refused late is given back: its grant is revoked', async () => {
    await expectRefused({ tokenResponse: without('authorization_details') }, 'authorization_details_missing');
    const token = world.as.callsTo('/revoke').at(-1)?.form.get('token') ?? '';
    expect(world.as.refreshTokens.has(token)).toBe(false);
  });

  it('that is an error is refused with its code [RFC6749-5.2]', () =>
    expectRefused(
      { token: () => ({ status: 400, body: { error: 'invalid_grant' } }) },
      'token_endpoint_invalid_grant',
    ));

  it('that does not know our certificate is our problem, not a refused link [RFC8705-2.1]', async () => {
    world.as.mischief = { token: () => ({ status: 401, body: { error: 'invalid_client' } }) };
    const browser = world.browser();
    await browser.get('/');
    const { location = '' } = await browser.post('/link');
    const seen = await browser.get(world.as.agree(location));
    expect(seen.status).toBe(503);
    expect(seen.html).toContain('exchange_invalid_client');
  });

  it('is accepted without an end, which is then not told [RFC9396-7]', async () => {
    world.as.mischief = { tokenResponse: details({}) };
    const browser = world.browser();
    await linkBank(world, browser);
    const { status, html } = await browser.get('/connection');
    expect(status).toBe(200);
    expect(html).not.toContain('granted-until');
  });

  it('is accepted with any spelling of Bearer and without expires_in [RFC6749-5.1] [CLI-26] [CLI-27]', async () => {
    world.as.accessTokenLifetime = undefined;
    world.as.mischief = { tokenResponse: having({ token_type: 'bEARER' }) };
    const browser = world.browser();
    await linkBank(world, browser);
    expect((await browser.get('/accounts')).status).toBe(200);
  });
});
