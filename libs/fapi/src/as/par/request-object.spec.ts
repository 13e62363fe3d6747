import { UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { clientSigner, requestObject } from '../../testing/client-signer.ts';
import {
  engineFixture,
  expectNoSecrets,
  expectRefusal,
  GOOD_REQUEST,
  ISSUER,
  request,
} from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { signJws } from '../../testing/jws.ts';
import type { RegisteredClient } from '../clients.ts';
import { pushAuthorizationRequest } from './push.ts';

const signer = clientSigner('ES256');
const other = clientSigner('ES256', 'other');
const SIGNED: Partial<RegisteredClient> = {
  profile: 'fapi2-message-signing',
  jwks: { kind: 'inline', keys: [signer.jwk] },
};
const { client_id: _, ...PARAMETERS } = GOOD_REQUEST;

let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture(SIGNED);
});

type Changes = Readonly<Record<string, unknown>>;
const now = (): number => Math.floor(f.clock.now().getTime() / 1000);
const push = (form: Record<string, string | undefined>) =>
  pushAuthorizationRequest(f.engine, request({ client_id: 'first', ...form }, f.peers.first));

async function refused(form: Record<string, string | undefined>, code: string, reason: string): Promise<void> {
  const error = await expectRefusal(f, push(form), code, reason);
  expect(error.status).toBe(400);
  expect(f.state.pushedRequests.size).toBe(0);
  expectNoSecrets(f, [form['request'], GOOD_REQUEST['state'], GOOD_REQUEST['code_challenge']]);
}
const faulty = (jwt: string, reason: string): Promise<void> =>
  refused({ request: jwt }, 'invalid_request_object', `request_object_${reason}`);
const faultyWith = async (reason: string, changes: Changes, header: Changes = {}): Promise<void> =>
  faulty(await requestObject(f, signer, PARAMETERS, changes, header), reason);

describe('a request object is refused as invalid_request_object', () => {
  it('when it is not signed [FAPI2-MS-FINAL-5.3.1-1] [RFC9101-7] [PAR-08] [FAPI2-SP-FINAL-5.4.1-1] [PAR-17]', () =>
    faulty(new UnsecuredJWT({ ...PARAMETERS, client_id: 'first' }).encode(), 'algorithm_not_allowed'));

  it.each(['PS256', 'EdDSA'] as const)(
    'signed with %s, which the client did not register [RFC8725-3.1] [RFC9101-6.2] [PAR-16]',
    async (alg) => faulty(await requestObject(f, clientSigner(alg), PARAMETERS), 'algorithm_not_allowed'),
  );

  it('signed with the key of somebody else [RFC9101-6.2] [RFC9126-3] [PAR-18]', async () =>
    faulty(await requestObject(f, other, PARAMETERS, {}, { kid: signer.jwk.kid }), 'signature_invalid'));

  it('signed with a key nobody registered [RFC9101-6.2]', async () =>
    faulty(await requestObject(f, other, PARAMETERS), 'key_unknown'));

  it('that was changed after it was signed [RFC9101-6.2]', async () => {
    const [header, payload, signature] = (await requestObject(f, signer, PARAMETERS)).split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as Record<string, unknown>;
    const changed = Buffer.from(JSON.stringify({ ...claims, scope: 'openid' })).toString('base64url');
    await faulty(`${header}.${changed}.${signature}`, 'signature_invalid');
  });

  it.each(['at+jwt', 'client-authentication+jwt', 'dpop+jwt'])('of the type %s [RFC8725-3.11]', (typ) =>
    faultyWith('type_wrong', {}, { typ }),
  );

  it('that says one thing twice [RFC7519-4]', async () => {
    const claims = { ...GOOD_REQUEST, iss: 'first', aud: ISSUER, exp: now() + 300, nbf: now() };
    const header = { alg: 'ES256', kid: signer.jwk.kid };
    const twice = JSON.stringify(claims).replace('{', '{"redirect_uri":"https://evil.test/callback",');
    await faulty(signJws(signer.privateKey, header, twice), 'malformed');
    await expect(push({ request: signJws(signer.privateKey, header, claims) })).resolves.toBeDefined();
  });

  it.each(['nonsense', 'a.b.c', '{}'])('that is %s', (text) => faulty(text, 'malformed'));

  it.each([
    ['another server', 'https://evil.test'],
    ['its own client', 'first'],
    ['the PAR endpoint', `${ISSUER}/par`],
    ['an empty list', []],
    ['nobody', undefined],
  ])('made for %s [FAPI2-MS-FINAL-5.3.1-2] [PAR-25]', (__, aud) => faultyWith('audience_wrong', { aud }));

  it.each([{ iss: 'second' }, { iss: undefined }, { client_id: 'second' }])(
    'that names another client: %j [RFC9101-5] [RFC9126-3] [PAR-26]',
    (changes) => faultyWith('client_mismatch', changes),
  );

  it('that does not say whose it is [RFC9101-4]', () => faultyWith('claims_missing', { client_id: undefined }));

  it.each([{ exp: undefined }, { nbf: undefined }, { exp: 'soon' }, { nbf: null }])(
    'without sound times: %j [FAPI2-MS-FINAL-5.3.1-3] [PAR-19]',
    (changes) => faultyWith('claims_missing', changes),
  );

  it('that has expired [FAPI2-MS-FINAL-5.3.1-4]', () => faultyWith('expired', { exp: now() - 60, nbf: now() - 600 }));

  it('that lives longer than sixty minutes [FAPI2-MS-FINAL-5.3.1-4] [PAR-20]', () =>
    faultyWith('lives_too_long', { exp: now() + 3601, nbf: now() }));

  it('made more than sixty minutes ago [FAPI2-MS-FINAL-5.3.1-3] [FAPI2-MS-FINAL-5.3.1-3] [PAR-21]', () =>
    faultyWith('lives_too_long', { nbf: now() - 3661, exp: now() + 60 }));

  it('made 61 seconds ahead of now [FAPI2-SP-FINAL-5.3.2.1-13] [PAR-24]', () =>
    faultyWith('not_yet_valid', { nbf: now() + 61 }));

  it.each([{ request: 'a.b.c' }, { request_uri: 'https://evil.test/request.jwt' }])(
    'that holds another request: %j [RFC9101-4] [PAR-07]',
    (changes) => faultyWith('nested', changes),
  );

  it.each([{ scope: ['openid'] }, { redirect_uri: {} }, { state: true }, { response_type: null }])(
    'whose parameter is of another kind: %j [RFC9101-4]',
    (changes) => faultyWith('malformed', changes),
  );
});

describe('a pushed request is refused', () => {
  it('unsigned, from a client that has to sign [FAPI2-MS-FINAL-5.3.1-1] [POL-12] [PAR-11]', () =>
    refused(PARAMETERS, 'invalid_request', 'request_object_missing'));

  it('with a reference to a request object [RFC9126-2.1]', async () => {
    const jwt = await requestObject(f, signer, PARAMETERS);
    await refused(
      { request: jwt, request_uri: 'https://first.test/request.jwt' },
      'invalid_request',
      'request_uri_not_accepted',
    );
  });

  it('when a signed parameter breaks a rule, with the code of that rule [RFC9126-2.3]', async () => {
    const jwt = await requestObject(f, signer, PARAMETERS, { redirect_uri: 'https://evil.test/callback' });
    await refused({ request: jwt }, 'invalid_request', 'redirect_uri_unregistered');
  });

  it('when PKCE stands beside the object and not in it [RFC9101-6.3] [PAR-27]', async () => {
    const jwt = await requestObject(f, signer, PARAMETERS, { code_challenge: undefined });
    await refused(
      { request: jwt, code_challenge: GOOD_REQUEST['code_challenge'], code_challenge_method: 'S256' },
      'invalid_request',
      'code_challenge_missing',
    );
  });

  it('signed, from a client whose profile knows no objects [RFC9126-3]', async () => {
    f = await engineFixture({ jwks: { kind: 'inline', keys: [signer.jwk] } });
    const jwt = await requestObject(f, signer, PARAMETERS);
    await refused({ request: jwt }, 'invalid_request', 'request_object_not_accepted');
  });
});

describe('a signed request', () => {
  const pushed = () => [...f.state.pushedRequests.values()][0]?.value;

  it('counts with what is in it, and nothing beside it [RFC9101-6.3] [PAR-27]', async () => {
    const jwt = await requestObject(f, signer, PARAMETERS);
    await push({ request: jwt, scope: 'openid', state: 'forged', redirect_uri: 'https://evil.test/callback' });
    expect(pushed()).toMatchObject({
      scopes: ['openid', 'profile'],
      state: 'state-1',
      redirectUri: GOOD_REQUEST['redirect_uri'],
    });
  });

  it.each([undefined, 'JWT', 'oauth-authz-req+jwt'])('may be of the type %s [RFC9101-10.8]', async (typ) => {
    await expect(push({ request: await requestObject(f, signer, PARAMETERS, {}, { typ }) })).resolves.toBeDefined();
  });

  it.each([
    ['a list of audiences', { aud: ['https://elsewhere.test', ISSUER] }],
    ['a clock 8 seconds ahead [FAPI2-SP-FINAL-5.3.2.1-13] [PAR-23]', { nbf: 8 }],
    ['five minutes to live [PAR-22]', { exp: 300 }],
    ['sixty minutes to live', { exp: 3600 }],
    ['a start fifty minutes ago', { nbf: -3000, exp: 500 }],
  ])(
    'is accepted with %s [FAPI2-MS-FINAL-5.3.1]',
    async (__, { aud, exp, nbf }: { aud?: string[]; exp?: number; nbf?: number }) => {
      const changes = {
        ...(aud === undefined ? {} : { aud }),
        ...(exp === undefined ? {} : { exp: now() + exp }),
        ...(nbf === undefined ? {} : { nbf: now() + nbf }),
      };
      await expect(push({ request: await requestObject(f, signer, PARAMETERS, changes) })).resolves.toBeDefined();
    },
  );

  it('carries JSON parameters as JSON, and numbers as numbers [OIDC-CORE-6.1]', async () => {
    const jwt = await requestObject(f, signer, PARAMETERS, {
      authorization_details: JSON.parse(GOOD_REQUEST['authorization_details'] ?? '') as unknown,
      claims: { id_token: { acr: null } },
      max_age: 300,
    });
    await push({ request: jwt });
    expect(pushed()).toMatchObject({ maxAge: 300, claims: { idToken: ['acr'] } });
    expect(pushed()?.authorizationDetails).toHaveLength(1);
  });
});
