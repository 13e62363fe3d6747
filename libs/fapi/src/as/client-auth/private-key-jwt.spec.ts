import { createHmac, createPublicKey } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_ASSERTION_TYPE } from '../../wire/client-assertion.ts';
import { assertion, byAssertion, clientSigner, sign } from '../../testing/client-signer.ts';
import {
  BANK,
  engineFixture,
  expectNoSecrets,
  expectRefusal,
  GOOD_REQUEST,
  ISSUER,
  request,
} from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { signJws } from '../../testing/jws.ts';
import type { JwsPart } from '../../testing/jws.ts';
import type { EndpointRequest } from '../engine.ts';
import { pushAuthorizationRequest } from '../par/push.ts';
import { revoke } from '../revocation/revoke.ts';

const signer = clientSigner('ES256');
const other = clientSigner('ES256', 'other');
let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture(byAssertion(signer));
});

type Changes = Readonly<Record<string, unknown>>;
const now = (): number => Math.floor(f.clock.now().getTime() / 1000);
const form = (jwt: string | undefined, changes: Record<string, string | undefined> = {}) => ({
  ...GOOD_REQUEST,
  client_id: undefined,
  client_assertion_type: CLIENT_ASSERTION_TYPE,
  client_assertion: jwt,
  ...changes,
});
const pushWith = (jwt: string | undefined, changes: Record<string, string | undefined> = {}, peer = f.peers.first) =>
  pushAuthorizationRequest(f.engine, request(form(jwt, changes), peer));

async function refused(reason: string, jwt: string | undefined, changes: Record<string, string | undefined> = {}) {
  const error = await expectRefusal(f, pushWith(jwt, changes), 'invalid_client', reason);
  expect(error.status).toBe(401);
  expect(f.state.pushedRequests.size).toBe(0);
  expect(f.state.assertions.size).toBe(0);
  expectNoSecrets(f, [jwt]);
}
const refusedWith = async (reason: string, changes: Changes, header: Changes = {}) =>
  refused(reason, await assertion(f, signer, changes, header));

describe('a client assertion is refused', () => {
  it('when it is missing, whatever certificate is there [OIDC-CORE-9]', () =>
    refused('client_assertion_missing', undefined, { client_id: 'first' }));

  it('of another type [RFC7523-2.2]', async () =>
    refused('client_assertion_type_unsupported', await assertion(f, signer), {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
    }));

  it('beside the name of another client [RFC7521-4.2]', async () =>
    refused('client_assertion_missing', undefined, { client_id: 'first', client_assertion_type: undefined }));

  it('made by another client for this one [RFC7523-3-2] [TOK-13]', async () => {
    const jwt = await assertion(f, other, {}, { kid: 'ES256-1' });
    await refused('client_assertion_signature_invalid', jwt);
  });

  it.each([
    ['iss', { iss: 'second' }],
    ['no iss', { iss: undefined }],
  ])('whose issuer is not the client: %s [RFC7523-3-1] [TOK-09]', (_, changes) =>
    refusedWith('client_assertion_subject_mismatch', changes),
  );

  it('whose subject is another client than the form names [RFC7521-4.2]', async () => {
    const jwt = await assertion(f, signer, { iss: 'second', sub: 'second' });
    await refused('client_assertion_subject_mismatch', jwt, { client_id: 'first' });
  });

  it.each([
    ['a list with the issuer', [ISSUER]],
    ['a list with another server too', [ISSUER, 'https://evil.test']],
    ['the token endpoint', `${ISSUER}/token`],
    ['the PAR endpoint', `${ISSUER}/par`],
    ['the alias of the token endpoint', 'https://mtls.auth.test/token'],
    ['the issuer with a slash', `${ISSUER}/`],
    ['another server', 'https://evil.test'],
    ['the bank', BANK],
    ['nobody', undefined],
  ])('whose audience is %s [FAPI2-SP-FINAL-5.3.2.1-8] [POL-02] [POL-03]', (_, aud) =>
    refusedWith('client_assertion_audience_wrong', { aud }),
  );

  it.each([
    ['an hour ahead', () => now() + 3600],
    ['a year ahead', () => now() + 365 * 86_400],
  ])('that expires %s [RFC7523-3-4] [TOK-11]', (_, exp) =>
    refusedWith('client_assertion_lives_too_long', { exp: exp() }),
  );

  it('that expired five minutes ago [RFC7523-3-4] [TOK-11]', () =>
    refusedWith('client_assertion_expired', { exp: now() - 300 }));

  it.each([{ exp: undefined }, { exp: '9999999999' }, { nbf: 'soon' }, { iat: {} }, { jti: undefined }, { jti: 7 }])(
    'without sound times and id: %j [RFC7523-3]',
    (changes) => refusedWith('client_assertion_claims_missing', changes),
  );

  it.each(['nbf', 'iat'])('with a %s 61 seconds ahead [FAPI2-SP-FINAL-5.3.2.1-13] [TOK-12]', (claim) =>
    refusedWith('client_assertion_not_yet_valid', { [claim]: now() + 61 }),
  );

  it.each(['at+jwt', 'dpop+jwt', 'oauth-authz-req+jwt'])('of the type %s [RFC8725-3.11]', (typ) =>
    refusedWith('client_assertion_type_wrong', {}, { typ }),
  );

  it.each([
    { crit: ['exp'], exp: 1 },
    { b64: false, crit: ['b64'] },
  ])('with the header %j, which nobody here understands [RFC7515-4.1.11]', async (header) => {
    // Set into the header by hand: no honest library signs it.
    const [, payload, signature] = (await assertion(f, signer)).split('.');
    const forged = Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'ES256-1', ...header })).toString('base64url');
    await refused('client_assertion_malformed', `${forged}.${payload}.${signature}`);
  });

  it('that is not signed [FAPI2-SP-FINAL-5.4.1-1] [TOK-14]', async () => {
    const claims = { iss: 'first', sub: 'first', aud: ISSUER, jti: 'x', exp: now() + 60 };
    await refused('client_assertion_algorithm_not_allowed', new UnsecuredJWT(claims).encode());
  });

  it.each(['PS256', 'EdDSA'] as const)(
    'signed with %s, which is not registered [RFC8725-3.1] [RFC7523-3] [TOK-13]',
    async (alg) => refused('client_assertion_algorithm_not_allowed', await assertion(f, clientSigner(alg))),
  );

  it('signed with RS256 [FAPI2-SP-FINAL-5.4.1-1] [TOK-14]', async () => {
    const rsa = clientSigner('PS256');
    const jwt = await sign({ ...rsa, alg: 'RS256' as 'PS256' }, { iss: 'first', sub: 'first', aud: ISSUER });
    await refused('client_assertion_algorithm_not_allowed', jwt);
  });

  it.each(['pem', 'der', 'jwk'] as const)(
    'keyed with the public key as a secret, in the form of %s [RFC8725-3.1]',
    async (form) => {
      const key = createPublicKey({ key: { ...signer.jwk }, format: 'jwk' });
      const secrets = {
        pem: key.export({ type: 'spki', format: 'pem' }),
        der: key.export({ type: 'spki', format: 'der' }),
        jwk: JSON.stringify(signer.jwk),
      };
      const [, payload] = (await assertion(f, signer)).split('.');
      const input = `${Buffer.from('{"alg":"HS256","kid":"ES256-1"}').toString('base64url')}.${payload}`;
      await refused(
        'client_assertion_algorithm_not_allowed',
        `${input}.${createHmac('sha256', secrets[form]).update(input).digest('base64url')}`,
      );
    },
  );

  it('whose header brings the key along [RFC8725-3.10]', async () => {
    const jwt = await assertion(f, other, {}, { jwk: other.jwk, kid: undefined });
    await refused('client_assertion_signature_invalid', jwt);
  });

  it.each(['../../dev/null', '__proto__', "' OR 1=1 --", ''])('with the kid %s', async (kid) =>
    refused('client_assertion_key_unknown', await assertion(f, signer, {}, { kid })),
  );

  it('with an all-zero signature (CVE-2022-21449)', async () => {
    const [header, payload] = (await assertion(f, signer)).split('.');
    await refused(
      'client_assertion_signature_invalid',
      `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    );
  });

  it('that says one thing twice, in its header or in its claims [RFC7519-4]', async () => {
    const claims = { iss: 'first', sub: 'first', aud: ISSUER, jti: 'jti-1', exp: now() + 60 };
    const header = { alg: 'ES256', kid: 'ES256-1' };
    const twice = (part: object, member: string) => JSON.stringify(part).replace('{', `{${member},`);
    const at = (head: JwsPart, body: JwsPart) => signJws(signer.privateKey, head, body);
    await refused('client_assertion_malformed', at(header, twice(claims, '"sub":"second"')), { client_id: 'first' });
    await refused('client_assertion_malformed', at(twice(header, '"kid":"x"'), claims), { client_id: 'first' });
    await expect(pushWith(at(header, claims))).resolves.toBeDefined();
  });

  it('in another spelling of the same bytes [RFC7515-2]', async () => {
    await refused('client_assertion_malformed', `${await assertion(f, signer)}=`);
  });

  it.each(['nonsense', 'a.b', 'a.b.c.d.e', `${'a'.repeat(9000)}.${'b'.repeat(9000)}.c`])(
    'that is no compact JWS',
    async (jwt) => refused('client_assertion_malformed', jwt, { client_id: 'first' }),
  );

  it('the second time, also at another endpoint [RFC7523-3-7] [TOK-10]', async () => {
    const jwt = await assertion(f, signer);
    await pushWith(jwt);
    await expectRefusal(f, pushWith(jwt), 'invalid_client', 'client_assertion_replayed');
    const again: EndpointRequest = request(
      { client_assertion: jwt, client_assertion_type: CLIENT_ASSERTION_TYPE, token: 'x' },
      f.peers.first,
    );
    await expectRefusal(f, revoke(f.engine, again), 'invalid_client', 'client_assertion_replayed');
    expect(f.state.pushedRequests.size).toBe(1);
  });

  it('from a client that is switched off', async () => {
    f.clients.set('first', { ...f.clients.get('first')!, disabled: true });
    await refused('client_disabled', await assertion(f, signer));
  });

  it('when the client sends a secret as well [FAPI2-SP-FINAL-5.3.2.1-6]', async () =>
    refused('client_authentication_method_mismatch', await assertion(f, signer), { client_secret: 'x' }));
});

describe('a client assertion is accepted', () => {
  it('from a client that does not name itself in the form [RFC7521-4.2] [PAR-05]', async () => {
    await expect(pushWith(await assertion(f, signer))).resolves.toMatchObject({ expires_in: 90 });
    expect(f.events.at(-1)).toMatchObject({ outcome: 'allowed', client: 'first' });
  });

  it.each(['nbf', 'iat'])('with a %s 8 seconds ahead [FAPI2-SP-FINAL-5.3.2.1-13] [TOK-12]', async (claim) => {
    await expect(pushWith(await assertion(f, signer, { [claim]: now() + 8 }))).resolves.toBeDefined();
  });

  it.each(['JWT', 'client-authentication+jwt', 'application/client-authentication+jwt'])(
    'of the type %s [RFC7515-4.1.9]',
    async (typ) => {
      await expect(pushWith(await assertion(f, signer, {}, { typ }))).resolves.toBeDefined();
    },
  );

  it.each(['ES256', 'PS256', 'EdDSA'] as const)(
    'signed with the registered %s [FAPI2-SP-FINAL-5.4.1-1]',
    async (alg) => {
      const registered = clientSigner(alg);
      f = await engineFixture(byAssertion(registered));
      await expect(pushWith(await assertion(f, registered))).resolves.toBeDefined();
    },
  );

  it('whatever certificate the client uses to bind its tokens, and none at PAR [RFC8705-4]', async () => {
    const jwt = await assertion(f, signer);
    const pushed = pushAuthorizationRequest(f.engine, request(form(jwt), undefined));
    await expect(pushed).resolves.toBeDefined();
  });
});

describe('under FAPI 1.0 a client assertion', () => {
  beforeEach(async () => {
    f = await engineFixture({ ...byAssertion(signer), profile: 'fapi1-advanced' });
  });
  const revokeWith = async (aud: unknown) =>
    revoke(
      f.engine,
      request(
        {
          token: 'x',
          client_assertion: await assertion(f, signer, { aud }),
          client_assertion_type: CLIENT_ASSERTION_TYPE,
        },
        f.peers.first,
      ),
    );

  it.each(['https://evil.test', ['https://evil.test'], BANK, `${ISSUER}/revoke`, [], undefined])(
    'for %j is refused [RFC9126-2] [POL-04]',
    async (aud) => {
      await expectRefusal(f, revokeWith(aud), 'invalid_client', 'client_assertion_audience_wrong');
    },
  );

  it.each([
    ISSUER,
    [ISSUER],
    [ISSUER, 'https://elsewhere.test'],
    `${ISSUER}/token`,
    [`${ISSUER}/token`],
    `${ISSUER}/par`,
    'https://mtls.auth.test/token',
    'https://mtls.auth.test/par',
  ])('for %j is accepted [RFC9126-2] [POL-04]', async (aud) => {
    await expect(revokeWith(aud)).resolves.toBeUndefined();
  });
});

describe('the keys of a client', () => {
  const uri = 'https://first.test/jwks';
  beforeEach(async () => {
    f = await engineFixture({ ...byAssertion(signer), jwks: { kind: 'remote', uri } });
  });

  it('are refused when they are not where the client publishes them, after asking once more [OIDC-CORE-10.1.1]', async () => {
    f.remoteJwks.sets.set(uri, [other.jwk]);
    await refused('client_assertion_key_unknown', await assertion(f, signer));
    expect(f.remoteJwks.asked).toEqual([
      { uri, fresh: false },
      { uri, fresh: true },
    ]);
  });

  it('are never fetched from where an assertion says [RFC8725-3.10]', async () => {
    f.remoteJwks.sets.set(uri, [signer.jwk]);
    f.remoteJwks.sets.set('https://evil.test/jwks', [other.jwk]);
    await refused('client_assertion_key_unknown', await assertion(f, other, {}, { jku: 'https://evil.test/jwks' }));
    expect(f.remoteJwks.asked.map(({ uri: asked }) => asked)).not.toContain('https://evil.test/jwks');
  });

  it('are refused when two could be meant', async () => {
    f.remoteJwks.sets.set(uri, [
      { ...signer.jwk, kid: 'a' },
      { ...other.jwk, kid: 'b' },
    ]);
    await refused('client_assertion_key_unknown', await assertion(f, signer, {}, { kid: undefined }));
  });

  it('that are for encryption do not sign [RFC7517-4.2]', async () => {
    f.remoteJwks.sets.set(uri, [{ ...signer.jwk, use: 'enc' }]);
    await refused('client_assertion_key_unknown', await assertion(f, signer));
  });

  it('that are no keys at all sign nothing, and are the fault of the client [RFC7517-5]', async () => {
    const broken = [
      { ...signer.jwk, x: signer.jwk.y! },
      { ...signer.jwk, x: 7 as unknown as string },
    ];
    for (const jwk of broken) {
      f.remoteJwks.sets.set(uri, [jwk]);
      await refused('client_assertion_key_unknown', await assertion(f, signer));
    }
  });

  it('are fetched from where the client publishes them', async () => {
    f.remoteJwks.sets.set(uri, [other.jwk, signer.jwk]);
    await expect(pushWith(await assertion(f, signer))).resolves.toBeDefined();
    expect(f.remoteJwks.asked).toHaveLength(1);
  });
});
