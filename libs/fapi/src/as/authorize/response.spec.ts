import { decodeProtectedHeader, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { clientSigner, requestObject } from '../../testing/client-signer.ts';
import {
  ALICE,
  claimsOf,
  engineFixture,
  expectRefusal,
  GOOD_REQUEST,
  ISSUER,
  locationOf,
  redeem,
  request,
} from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import type { AuthorizationResponse } from '../../authorization-response.ts';
import type { ProfileName, SigningAlgorithm } from '../../profile.ts';
import { PROFILE } from '../../profile.ts';
import type { RegisteredClient } from '../clients.ts';
import { pushAuthorizationRequest } from '../par/push.ts';
import { approveAuthorization, askForConsent, denyAuthorization } from './consent.ts';
import { takeUpRequest } from './take-up.ts';

const signer = clientSigner('ES256');
const { client_id: _, ...PARAMETERS } = GOOD_REQUEST;

let f: EngineFixture;
async function given(profile: ProfileName, changes: Partial<RegisteredClient> = {}): Promise<void> {
  const responseTypes = profile === 'fapi1-advanced' ? (['code', 'code id_token'] as const) : (['code'] as const);
  f = await engineFixture({ profile, responseTypes, jwks: { kind: 'inline', keys: [signer.jwk] }, ...changes });
}

async function push(changes: Readonly<Record<string, unknown>> = {}) {
  const jwt = await requestObject(f, signer, PARAMETERS, changes);
  return pushAuthorizationRequest(f.engine, request({ client_id: 'first', request: jwt }, f.peers.first));
}

async function pending(changes: Readonly<Record<string, unknown>> = {}) {
  const { request_uri: requestUri } = await push(changes);
  return takeUpRequest(f.engine, [
    ['client_id', 'first'],
    ['request_uri', requestUri],
  ]);
}

async function approve(changes: Readonly<Record<string, unknown>> = {}): Promise<AuthorizationResponse> {
  const taken = await pending(changes);
  const since = f.clock.now();
  const { hash: shown, accounts } = await askForConsent(f.engine, taken, ALICE, since);
  return approveAuthorization(f.engine, taken, ALICE, since, { shown, accounts: accounts.map(({ id }) => id) });
}

async function deny(changes: Readonly<Record<string, unknown>> = {}): Promise<AuthorizationResponse> {
  const refusal = await expectRefusal(
    f,
    denyAuthorization(f.engine, await pending(changes), ALICE),
    'access_denied',
    'consent_denied',
  );
  return refusal.response!;
}

/** Verifies a signed answer as a client does. */
async function verified(jwt: string | null | undefined, alg: SigningAlgorithm = 'ES256'): Promise<JWTPayload> {
  const { kid } = decodeProtectedHeader(jwt ?? '');
  const key = f.engine.keys.verificationKey(kid ?? '', alg)!;
  const expected = { issuer: ISSUER, audience: 'first', algorithms: [alg], currentDate: f.clock.now() };
  return (await jwtVerify(jwt ?? '', key, expected)).payload;
}

const halfHash = (value: string, hash = 'sha256'): string => {
  const digest = createHash(hash).update(value).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
};

describe('a response type or mode is refused', () => {
  it.each<[ProfileName, Record<string, unknown>, string, string]>([
    ['fapi2-message-signing', { response_mode: 'fragment' }, 'invalid_request', 'response_mode_unsupported'],
    ['fapi2-message-signing', { response_mode: 'fragment.jwt' }, 'invalid_request', 'response_mode_unsupported'],
    ['fapi2-message-signing', { response_mode: 'form_post' }, 'invalid_request', 'response_mode_unsupported'],
    [
      'fapi2-message-signing',
      { response_type: 'code id_token' },
      'unsupported_response_type',
      'response_type_unsupported',
    ],
    // FAPI1-ADV-5.2.2-2: a bare code in the query is neither signed nor beside a signed ID token.
    ['fapi1-advanced', {}, 'invalid_request', 'response_mode_unsupported'],
    ['fapi1-advanced', { response_mode: 'query' }, 'invalid_request', 'response_mode_unsupported'],
    [
      'fapi1-advanced',
      { response_type: 'code id_token', response_mode: 'query' },
      'invalid_request',
      'response_mode_unsupported',
    ],
    [
      'fapi1-advanced',
      { response_type: 'code id_token', response_mode: 'query.jwt' },
      'invalid_request',
      'response_mode_unsupported',
    ],
    ['fapi1-advanced', { response_type: 'code token' }, 'unsupported_response_type', 'response_type_unsupported'],
    ['fapi1-advanced', { response_type: 'id_token code' }, 'unsupported_response_type', 'response_type_unsupported'],
    ['fapi1-advanced', { response_type: 'code id_token', nonce: undefined }, 'invalid_request', 'nonce_missing'],
    ['fapi1-advanced', { response_type: 'code id_token', scope: 'profile' }, 'invalid_request', 'openid_missing'],
  ])('under %s: %j [FAPI1-ADV-5.2.2-2] [POL-08]', async (profile, changes, code, reason) => {
    await given(profile);
    await expectRefusal(f, push(changes), code, reason);
    expect(f.state.pushedRequests.size).toBe(0);
  });

  it('that the client did not register [RFC7591-2]', async () => {
    await given('fapi1-advanced', { responseTypes: ['code'] });
    await expectRefusal(
      f,
      push({ response_type: 'code id_token' }),
      'unsupported_response_type',
      'response_type_unsupported',
    );
  });
});

describe('a signed authorization response', () => {
  beforeEach(() => given('fapi2-message-signing'));

  it.each(['jwt', 'query.jwt'])(
    'stands alone in the query for %s, and says who answers whom [JARM-2.3.1] [JARM-2.3] [AUTH-19] [JARM-2.1] [AUTH-20]',
    async (mode) => {
      const location = locationOf(await approve({ response_mode: mode }));
      expect([...location.searchParams.keys()]).toEqual(['response']);
      expect(location.hash).toBe('');
      const claims = await verified(location.searchParams.get('response'));
      const now = Math.floor(f.clock.now().getTime() / 1000);
      expect(claims).toEqual({
        iss: ISSUER,
        aud: 'first',
        exp: now + 120,
        code: expect.any(String) as string,
        state: 'state-1',
      });
      await expect(redeem(f, String(claims['code']))).resolves.toMatchObject({ token_type: 'Bearer' });
    },
  );

  it('lives one to five minutes [JARM-2.1] [AUTH-21]', () => {
    expect(PROFILE.authorizationResponseLifetime).toBeGreaterThanOrEqual(60);
    expect(PROFILE.authorizationResponseLifetime).toBeLessThanOrEqual(300);
  });

  it('is posted for form_post.jwt [JARM-2.3.3]', async () => {
    const response = await approve({ response_mode: 'form_post.jwt' });
    if (response.kind !== 'form_post') throw new Error('it is no form');
    expect(response.action).toBe('https://first.test/callback');
    expect(Object.keys(response.fields)).toEqual(['response']);
    expect(await verified(response.fields['response'])).toMatchObject({ code: expect.any(String) as string });
  });

  it.each(['PS256', 'EdDSA'] as const)(
    'is signed with %s when the client registered that [JARM-3] [JARM-2.2] [AUTH-22]',
    async (alg) => {
      await given('fapi2-message-signing', { authorizationResponseAlgorithm: alg });
      const location = locationOf(await approve({ response_mode: 'jwt' }));
      expect(await verified(location.searchParams.get('response'), alg)).toMatchObject({ state: 'state-1' });
    },
  );

  it('carries a denial and nothing else [JARM-2.1] [AUTH-20]', async () => {
    const location = locationOf(await deny({ response_mode: 'jwt' }));
    expect([...location.searchParams.keys()]).toEqual(['response']);
    const claims = await verified(location.searchParams.get('response'));
    expect(claims).toEqual({
      iss: ISSUER,
      aud: 'first',
      exp: expect.any(Number) as number,
      error: 'access_denied',
      state: 'state-1',
    });
  });

  it('is no wrapper for a client that did not ask for one [JARM-2.3] [JARM-2.1] [AUTH-23]', async () => {
    const location = locationOf(await deny());
    expect(Object.fromEntries(location.searchParams)).toEqual({
      error: 'access_denied',
      state: 'state-1',
      iss: ISSUER,
    });
    expect([...locationOf(await approve()).searchParams.keys()]).toEqual(['code', 'state', 'iss']);
  });

  it('leaves the audit trail without the code and without itself', async () => {
    const location = locationOf(await approve({ response_mode: 'jwt' }));
    const jwt = location.searchParams.get('response')!;
    const { code } = await verified(jwt);
    const written = JSON.stringify(f.events);
    expect(written).not.toContain(jwt.split('.')[2]);
    expect(written).not.toContain(String(code));
  });
});

describe('under FAPI 1.0 the answer', () => {
  beforeEach(() => given('fapi1-advanced'));
  const HYBRID = { response_type: 'code id_token' };

  it('comes in the fragment, with an ID token that is a signature over code and state [FAPI1-ADV-5.2.2.1]', async () => {
    const location = locationOf(await approve(HYBRID));
    expect(location.search).toBe('');
    const answer = new URLSearchParams(location.hash.slice(1));
    expect([...answer.keys()].sort()).toEqual(['code', 'id_token', 'iss', 'state']);
    const claims = await verified(answer.get('id_token'));
    expect(claims).toMatchObject({
      sub: 'alice',
      nonce: 'nonce-1',
      c_hash: halfHash(answer.get('code')!),
      s_hash: halfHash('state-1'),
    });
    await expect(redeem(f, answer.get('code')!)).resolves.toHaveProperty('id_token');
  });

  it('has no s_hash without a state [FAPI1-ADV-5.2.2.1-5]', async () => {
    const answer = new URLSearchParams(locationOf(await approve({ ...HYBRID, state: undefined })).hash.slice(1));
    expect(await verified(answer.get('id_token'))).not.toHaveProperty('s_hash');
    expect(answer.has('state')).toBe(false);
  });

  it.each(['jwt', 'fragment.jwt'])('is one signed parameter in the fragment for %s [JARM-2.3.2]', async (mode) => {
    const location = locationOf(await approve({ ...HYBRID, response_mode: mode }));
    const answer = new URLSearchParams(location.hash.slice(1));
    expect([...answer.keys()]).toEqual(['response']);
    const claims = await verified(answer.get('response'));
    expect(claims).toMatchObject({ code: expect.any(String) as string, id_token: expect.any(String) as string });
  });

  it('is a signed code in the query for response_mode=jwt [FAPI1-ADV-5.2.2-2]', async () => {
    const location = locationOf(await approve({ response_mode: 'jwt' }));
    expect(await verified(location.searchParams.get('response'))).toHaveProperty('code');
  });

  it('carries a denial in the fragment, too [RFC6749-4.2.2.1]', async () => {
    const location = locationOf(await deny(HYBRID));
    expect(location.search).toBe('');
    expect(Object.fromEntries(new URLSearchParams(location.hash.slice(1)))).toEqual({
      error: 'access_denied',
      state: 'state-1',
      iss: ISSUER,
    });
  });

  it('hashes with SHA-512 for EdDSA [OIDC-CORE-3.3.2.11]', async () => {
    await given('fapi1-advanced', { idTokenAlgorithm: 'EdDSA' });
    const answer = new URLSearchParams(locationOf(await approve(HYBRID)).hash.slice(1));
    const claims = await verified(answer.get('id_token'), 'EdDSA');
    expect(claims['c_hash']).toBe(halfHash(answer.get('code')!, 'sha512'));
  });
});

describe('claims are refused', () => {
  beforeEach(() => given('fapi2-message-signing'));

  it.each([
    'x',
    '[]',
    'null',
    '"name"',
    '{"id_token":[]}',
    '{"id_token":{"name":true}}',
    '{"id_token":{"acr":{"essential":true,"values":"x"}}}',
    '{"id_token":{"sub":{"value":7}}}',
    // RFC8259-4: one person to the reader who takes the first, another one to who takes the last.
    '{"id_token":{"sub":{"value":"alice"},"sub":{"value":"bob"}}}',
    `{"id_token":{"x":{"value":"${'y'.repeat(5000)}"}}}`,
  ])('when they are not of the specified shape: %.40s [OIDC-CORE-5.5]', async (claims) => {
    await expectRefusal(f, push({ claims }), 'invalid_request', 'claims_malformed');
  });

  it('when they demand a login that nobody here can make [OIDC-CORE-5.5.1.1]', async () => {
    const claims = { id_token: { acr: { essential: true, values: ['urn:smart-card'] } } };
    await expectRefusal(f, push({ claims }), 'unmet_authentication_requirements', 'authentication_context_unavailable');
  });
});

describe('an ID token', () => {
  beforeEach(() => given('fapi2-message-signing'));
  const idTokenFor = async (changes: Readonly<Record<string, unknown>>) => {
    const code = locationOf(await approve(changes)).searchParams.get('code')!;
    return claimsOf((await redeem(f, code)).id_token);
  };
  const BARE = ['aud', 'exp', 'iat', 'iss', 'nonce', 'sub'];

  it('says nothing nobody asked for [OIDC-CORE-5.5]', async () => {
    expect(Object.keys(await idTokenFor({})).sort()).toEqual(BARE);
    expect(
      Object.keys(await idTokenFor({ claims: { id_token: { shoe_size: null, __proto__: null } } })).sort(),
    ).toEqual(BARE);
  });

  it.each<[string, Readonly<Record<string, unknown>>, Record<string, unknown>]>([
    ['auth_time for max_age', { max_age: 3600 }, { auth_time: 1780315200 }],
    ['auth_time by name', { claims: { id_token: { auth_time: { essential: true } } } }, { auth_time: 1780315200 }],
    ['acr for acr_values', { acr_values: 'urn:gold urn:silver' }, { acr: PROFILE.acr }],
    [
      'acr by name',
      { claims: { id_token: { acr: { essential: true, values: [PROFILE.acr] } } } },
      { acr: PROFILE.acr },
    ],
    ['a name by name', { claims: { id_token: { name: null } } }, { name: 'Alice' }],
  ])('says %s [OIDC-CORE-2] [TOK-35] [TOK-49]', async (__, changes, expected) => {
    expect(await idTokenFor(changes)).toMatchObject(expected);
  });

  it.each(['ES256', 'PS256', 'EdDSA'] as const)(
    'is signed with the registered %s [OIDC-REGISTRATION-2]',
    async (alg) => {
      await given('fapi2-message-signing', { idTokenAlgorithm: alg });
      const code = locationOf(await approve()).searchParams.get('code')!;
      expect(decodeProtectedHeader((await redeem(f, code)).id_token!)).toMatchObject({ alg, typ: 'JWT' });
    },
  );
});
