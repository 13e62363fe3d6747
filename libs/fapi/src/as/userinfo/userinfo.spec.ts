import { beforeEach, describe, expect, it } from 'vitest';
import { DpopProver } from '../../testing/dpop-prover.ts';
import type { ProofOccasion } from '../../testing/dpop-prover.ts';
import {
  claimsOf,
  engineFixture,
  expectNoSecrets,
  expectRefusal,
  request,
  tokens,
} from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { introspect } from '../introspection/introspect.ts';
import { userInfo } from './userinfo.ts';

const prover = new DpopProver();

let f: EngineFixture;
let access: string;

/** A token of this server that is bound to a key and to no certificate. */
beforeEach(async () => {
  f = await engineFixture();
  const claims = claimsOf((await tokens(f)).access_token);
  access = await f.engine.keys.sign('ES256', 'at+jwt', { ...claims, cnf: { jkt: await prover.thumbprint() } });
});

const occasion = (): ProofOccasion => ({
  method: 'GET',
  url: 'https://auth.test/userinfo',
  now: f.clock.now(),
  accessToken: access,
});
const proof = (changes: Partial<ProofOccasion> = {}): string =>
  prover.prove({ ...occasion(), nonce: f.engine.dpopNonces.issue(f.clock.now()), ...changes });

const asked = (dpop: readonly string[], scheme = 'DPoP') =>
  userInfo(f.engine, {
    authorization: [`${scheme} ${access}`],
    dpop,
    method: 'GET',
    url: '/userinfo',
    peer: undefined,
  });

describe('userinfo refuses a token that is bound to a key', () => {
  it('without a proof, or with one for another place [RFC9449-7.1]', async () => {
    await expectRefusal(f, asked([]), 'invalid_dpop_proof', 'dpop_proof_missing');
    for (const url of ['https://auth.test/token', 'https://api.bank.test/userinfo']) {
      await expectRefusal(f, asked([proof({ url })]), 'invalid_dpop_proof', 'dpop_url_mismatch');
    }
    expectNoSecrets(f, [access]);
    await expect(asked([proof()])).resolves.toMatchObject({ sub: 'alice' });
  });

  it('without a nonce, and tells it [RFC9449-9]', async () => {
    const error = await expectRefusal(f, asked([prover.prove(occasion())]), 'use_dpop_nonce', 'dpop_nonce_missing');
    expect(error.status).toBe(401);
    await expect(asked([proof({ nonce: error.dpopNonce ?? '' })])).resolves.toMatchObject({ sub: 'alice' });
  });

  it('as Bearer, or a second time with the same proof [RFC9449-7.2] [RFC9449-11.1]', async () => {
    const once = proof();
    await expectRefusal(f, asked([once], 'Bearer'), 'invalid_token', 'token_scheme_mismatch');
    await expect(asked([once])).resolves.toMatchObject({ sub: 'alice' });
    await expectRefusal(f, asked([once]), 'invalid_dpop_proof', 'dpop_replayed');
  });
});

describe('userinfo', () => {
  it.each(['https://auth.test', 'https://mtls.auth.test'])(
    'answers a proof made for %s, one of its two names [RFC9449-4.3-9]',
    async (origin) => {
      await expect(asked([proof({ url: `${origin}/userinfo` })])).resolves.toEqual({ sub: 'alice', name: 'Alice' });
    },
  );
});

describe('introspection', () => {
  it('tells that such a token is presented as DPoP, and the key it is bound to [RFC9449-6.2]', async () => {
    const { body: told } = await introspect(f.engine, request({ client_id: 'first', token: access }, f.peers.first));
    expect(told).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: await prover.thumbprint() } });
  });
});

describe('userinfo tells the name', () => {
  const told = async (changes: Readonly<Record<string, string>>) => {
    const { access_token: token } = await tokens(f, changes);
    const authorization = [`Bearer ${token}`];
    return userInfo(f.engine, { authorization, dpop: [], method: 'GET', url: '/userinfo', peer: f.peers.first });
  };

  it('to nobody who did not ask for it [OIDC-CORE-5.5]', async () => {
    expect(await told({ scope: 'openid' })).toEqual({ sub: 'alice' });
    expect(await told({ scope: 'openid', claims: '{"userinfo":{"shoe_size":null},"id_token":{"name":null}}' })).toEqual(
      {
        sub: 'alice',
      },
    );
  });

  it('for the scope profile, and for the claim by its name [OIDC-CORE-5.4] [OIDC-CORE-5.5]', async () => {
    expect(await told({ scope: 'openid profile' })).toEqual({ sub: 'alice', name: 'Alice' });
    expect(await told({ scope: 'openid', claims: '{"userinfo":{"name":null}}' })).toEqual({
      sub: 'alice',
      name: 'Alice',
    });
  });
});
