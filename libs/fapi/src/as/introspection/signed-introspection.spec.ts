import { decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  engineFixture,
  expectNoSecrets,
  expectRefusal,
  ISSUER,
  request,
  tokens,
} from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import type { SigningAlgorithm } from '../../profile.ts';
import { introspect } from './introspect.ts';

const SIGNED = 'application/token-introspection+jwt';
let f: EngineFixture;
let access: string;
beforeEach(async () => {
  f = await engineFixture();
  access = (await tokens(f)).access_token;
});

const ask = (accept: string, token = access, peer = f.peers.first, client = 'first') =>
  introspect(f.engine, { ...request({ client_id: client, token }, peer), accept });

async function claimsOf(jwt: unknown, alg: SigningAlgorithm = 'ES256', audience = 'first') {
  const key = f.engine.keys.verificationKey(decodeProtectedHeader(String(jwt)).kid ?? '', alg)!;
  const expected = { issuer: ISSUER, audience, algorithms: [alg], typ: 'token-introspection+jwt' };
  return (await jwtVerify(String(jwt), key, { ...expected, currentDate: f.clock.now() })).payload;
}

describe('a signed introspection response', () => {
  it('is not given to somebody who is not authenticated [RFC9701-4]', async () => {
    await expectRefusal(f, ask(SIGNED, access, f.peers.second), 'invalid_client', 'certificate_subject_mismatch');
  });

  it('says of a foreign token what it says of an unknown one [RFC7662-2.2]', async () => {
    const { body } = await ask(SIGNED, access, f.peers.second, 'second');
    expect((await claimsOf(body, 'ES256', 'second'))['token_introspection']).toEqual({ active: false });
  });

  it('is no access token, for it has another type and says everything in one claim [RFC9701-5] [INFO-02]', async () => {
    const { kind, body } = await ask(SIGNED);
    expect(kind).toBe('jwt');
    const claims = await claimsOf(body);
    expect(Object.keys(claims).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection']);
    expect(claims['token_introspection']).toMatchObject({
      active: true,
      client_id: 'first',
      sub: 'alice',
      cnf: { 'x5t#S256': f.peers.first.thumbprint },
    });
    expectNoSecrets(f, [access, String(body)]);
  });

  it.each(['PS256', 'EdDSA'] as const)('is signed with the registered %s [RFC9701-6]', async (alg) => {
    f = await engineFixture({ introspectionAlgorithm: alg });
    access = (await tokens(f)).access_token;
    expect(await claimsOf((await ask(SIGNED)).body, alg)).toHaveProperty('token_introspection');
  });

  it.each([
    ['application/json', 'json'],
    ['*/*', 'json'],
    ['', 'json'],
    ['application/token-introspection+jwt-x', 'json'],
    [`text/html, ${SIGNED};q=0.9`, 'jwt'],
    ['Application/Token-Introspection+JWT', 'jwt'],
  ])('is given for Accept: %s as %s [RFC9701-4] [RFC9701-5] [INFO-02]', async (accept, kind) => {
    expect((await ask(accept)).kind).toBe(kind);
  });
});
