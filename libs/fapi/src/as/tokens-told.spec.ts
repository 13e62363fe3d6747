import { beforeEach, describe, expect, it } from 'vitest';
import { refuse } from '../errors.ts';
import type { EngineFixture } from '../testing/engine-fixture.ts';
import {
  authorize,
  BANK,
  claimsOf,
  engineFixture,
  expectRefusal,
  ISSUER,
  redeem,
  refresh,
  request,
  tokens,
} from '../testing/engine-fixture.ts';
import type { EndpointRequest } from './engine.ts';
import { introspect } from './introspection/introspect.ts';
import type { Introspection } from './introspection/introspect.ts';
import { endConsentsOfRevokedGrants } from './revocation/end-consents.ts';
import { revoke } from './revocation/revoke.ts';
import { userInfo } from './userinfo/userinfo.ts';

let f: EngineFixture;
let access: string;
let again: string;
beforeEach(async () => {
  f = await engineFixture();
  const response = await tokens(f);
  access = response.access_token;
  again = response.refresh_token ?? '';
});

const asFirst = (token: string) => request({ client_id: 'first', token }, f.peers.first);
const asSecond = (token: string) => request({ client_id: 'second', token }, f.peers.second);

/** What introspection says as JSON. */
async function told(request: EndpointRequest): Promise<Introspection> {
  const answer = await introspect(f.engine, request);
  if (answer.kind !== 'json') throw new Error('it is signed');
  return answer.body;
}

describe('introspection answers { active: false } and nothing else', () => {
  const inactive = async (told: Promise<unknown>) => expect(await told).toEqual({ active: false });

  it('for text that is no token [RFC7662-2.2] [INFO-05]', () => inactive(told(asFirst('nonsense'))));

  it("for another client's access token [RFC7662-2.2] [INFO-07]", () => inactive(told(asSecond(access))));

  it("for another client's refresh token [RFC7662-2.2] [INFO-07]", () => inactive(told(asSecond(again))));

  it('for an expired access token [RFC7662-2.2] [INFO-06]', async () => {
    f.clock.advance(301);
    await inactive(told(asFirst(access)));
  });

  it('for a token whose signature was tampered with', () => inactive(told(asFirst(`${access.slice(0, -6)}AAAAAA`))));

  it('for a revoked access token, and the refresh token lives on [RFC7009-2.1]', async () => {
    await revoke(f.engine, asFirst(access));
    await inactive(told(asFirst(access)));
    expect(await told(asFirst(again))).toMatchObject({ active: true });
  });

  it('for every token of a revoked grant [RFC7009-2.1]', async () => {
    await revoke(f.engine, asFirst(again));
    await inactive(told(asFirst(access)));
    await inactive(told(asFirst(again)));
  });

  it('for an ID token, which is no access token [RFC9068-2.1]', async () => {
    const { code } = await authorize(f);
    const { id_token: id } = await redeem(f, code);
    await inactive(told(asFirst(id ?? '')));
  });
});

describe('introspection', () => {
  it('needs a token [RFC7662-2.1]', async () => {
    const asked = told(request({ client_id: 'first' }, f.peers.first));
    await expectRefusal(f, asked, 'invalid_request', 'parameter_missing');
  });

  it('tells the owner about an access token, confirmation included [RFC8705-3.2] [INFO-04] [RFC7662-2.2] [INFO-03]', async () => {
    expect(await told(asFirst(access))).toEqual({
      active: true,
      iss: ISSUER,
      client_id: 'first',
      sub: 'alice',
      exp: 1780315500,
      iat: 1780315200,
      jti: claimsOf(access).jti,
      token_type: 'Bearer',
      scope: 'openid profile',
      cnf: { 'x5t#S256': f.peers.first.thumbprint },
      authorization_details: claimsOf(access)['authorization_details'],
    });
  });
});

describe('revocation', () => {
  it("of another client's tokens answers as always and changes nothing [RFC7009-2.1] [INFO-09]", async () => {
    await revoke(f.engine, asSecond(again));
    await revoke(f.engine, asSecond(access));
    expect(f.state.revocations.size).toBe(0);
    await expect(refresh(f, again)).resolves.toMatchObject({ token_type: 'Bearer' });
  });

  it('of nonsense answers as always [RFC7009-2.2] [INFO-08]', async () => {
    await expect(revoke(f.engine, asFirst('nonsense'))).resolves.toBeUndefined();
  });

  it('of a refresh token ends the grant, for as long as its tokens could live [RFC7009-2.1]', async () => {
    await revoke(f.engine, asFirst(again));
    await expectRefusal(f, refresh(f, again), 'invalid_grant', 'grant_revoked');
    const [revocation] = f.state.revocations.values();
    expect(revocation).toMatchObject({ kind: 'grant', id: claimsOf(access)['grant_id'] });
    expect(revocation?.until.getTime()).toBeGreaterThan(f.clock.now().getTime() + 300_000);
  });

  it('of an access token is told longer than the token lives, for resource servers whose clock is behind [FAPI2-SP-FINAL-5.3.4-3]', async () => {
    await revoke(f.engine, asFirst(access));
    const [revocation] = f.state.revocations.values();
    expect(revocation).toMatchObject({ kind: 'access_token', id: claimsOf(access).jti });
    expect(revocation?.until.getTime()).toBeGreaterThan((claimsOf(access).exp ?? Infinity) * 1000 + 10_000);
  });

  it('ends the consent at the bank, once, also when the bank was away at first', async () => {
    await revoke(f.engine, asFirst(again));
    f.bank.away = refuse('temporarily_unavailable', 'consent_holder_unavailable');
    expect(await endConsentsOfRevokedGrants(f.engine)).toBe(0);
    f.bank.away = undefined;
    expect(await endConsentsOfRevokedGrants(f.engine)).toBe(1);
    expect(await endConsentsOfRevokedGrants(f.engine)).toBe(0);
    expect(f.bank.ended).toEqual(['consent-1']);
  });
});

describe('userinfo refuses', () => {
  const asked = (changes: {
    authorization?: string[];
    url?: string;
    peer?: EngineFixture['peers']['first'] | undefined;
  }) =>
    userInfo(f.engine, {
      authorization: [`Bearer ${access}`],
      dpop: [],
      method: 'GET',
      url: '/userinfo',
      peer: f.peers.first,
      ...changes,
    });

  it('a request without a token [RFC6750-3]', async () => {
    const error = await expectRefusal(f, asked({ authorization: [] }), 'invalid_token', 'token_missing');
    expect(error.wwwAuthenticate).toBe('Bearer, DPoP algs="ES256 PS256 EdDSA"');
  });

  it('a stolen token on another certificate [RFC8705-3] [INFO-10]', async () => {
    await expectRefusal(f, asked({ peer: f.peers.second }), 'invalid_token', 'certificate_thumbprint_mismatch');
    expect(f.events.at(-1)).toMatchObject({
      expectedThumbprint: f.peers.first.thumbprint,
      presentedThumbprint: f.peers.second.thumbprint,
    });
  });

  it('a stolen token without a certificate [RFC8705-3] [INFO-10]', async () => {
    await expectRefusal(f, asked({ peer: undefined }), 'invalid_token', 'certificate_missing');
  });

  it('a token in the query [FAPI2-SP-FINAL-5.3.4-2] [INFO-12]', async () => {
    await expectRefusal(
      f,
      asked({ authorization: [], url: `/userinfo?access_token=${access}` }),
      'invalid_request',
      'token_in_query',
    );
  });

  it('a token of a revoked grant [FAPI2-SP-FINAL-5.3.4-3]', async () => {
    await revoke(f.engine, asFirst(again));
    await expectRefusal(f, asked({}), 'invalid_token', 'token_revoked');
  });

  it('a token that was not issued for userinfo [RFC9068-4]', async () => {
    access = (await tokens(f, { scope: undefined })).access_token;
    expect(claimsOf(access).aud).toEqual([BANK]);
    await expectRefusal(f, asked({}), 'invalid_token', 'token_audience_wrong');
  });
});

describe('userinfo', () => {
  const told = async (scope: string) => {
    const { access_token: token } = await tokens(f, { scope });
    return userInfo(f.engine, {
      authorization: [`bearer ${token}`],
      dpop: [],
      method: 'GET',
      url: '/userinfo',
      peer: f.peers.first,
    });
  };

  it('tells the subject of the ID token, and the name when profile was granted [OIDC-CORE-5.3.2] [INFO-11]', async () => {
    expect(await told('openid profile')).toEqual({ sub: 'alice', name: 'Alice' });
  });

  it('tells nothing but the subject otherwise [OIDC-CORE-5.4]', async () => {
    expect(await told('openid')).toEqual({ sub: 'alice' });
  });
});
