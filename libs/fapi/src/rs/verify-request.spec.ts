import { generateKeyPairSync } from 'node:crypto';
import { CompactSign, decodeProtectedHeader, exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../audit.ts';
import { OAuthError, refuse } from '../errors.ts';
import { BANK, claimsOf, engineFixture, ISSUER, tokens } from '../testing/engine-fixture.ts';
import type { EngineFixture } from '../testing/engine-fixture.ts';
import { requireDetail } from './details.ts';
import { createResourceServer } from './verify-request.ts';
import type { ResourceRequest, RevocationView, VerifiedCaller } from './verify-request.ts';

let f: EngineFixture;
let token: string;
let status: Awaited<ReturnType<RevocationView['check']>>;
let events: AuditEvent[];

/** A server that takes proofs; none of the requests here brings one. */
const dpop = () => ({ origins: [BANK], nonces: f.engine.dpopNonces, replays: f.state });

beforeEach(async () => {
  f = await engineFixture();
  token = (await tokens(f)).access_token;
  status = 'active';
  events = [];
});

function verify(changes: Partial<ResourceRequest> = {}): Promise<VerifiedCaller> {
  const bank = createResourceServer({
    issuer: ISSUER,
    audience: BANK,
    keys: ({ kid, alg }) => Promise.resolve(f.engine.keys.verificationKey(kid, alg)),
    revocations: { check: () => Promise.resolve(status) },
    dpop: dpop(),
    clock: f.clock,
    audit: (event) => void events.push(event),
  });
  const authorization = [`Bearer ${token}`];
  const request = { authorization, dpop: [], method: 'GET', url: '/accounts', peer: f.peers.first };
  return bank.verifyRequest({ ...request, ...changes });
}

/** The refusal whole: code, reason, how it is shown, the audit event, and no token in it. */
async function refused(decision: Promise<unknown>, code: string, reason: string): Promise<OAuthError> {
  const error: unknown = await decision.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OAuthError);
  expect(error).toMatchObject({ code, reason });
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ action: 'resource.verify', outcome: 'refused', reason, error: code });
  expect(JSON.stringify(events)).not.toContain(token);
  return error as OAuthError;
}

/** Signs claims with the issuer's own key, so that only what a test changes can be at fault. */
const signed = (changes: object, typ: 'at+jwt' | 'JWT' = 'at+jwt'): Promise<string> =>
  f.engine.keys.sign('ES256', typ, { ...claimsOf(token), ...changes });

/** The `kid` that access tokens are signed with. */
const ownKid = (): string => decodeProtectedHeader(token).kid!;

describe('a resource request is refused', () => {
  it('without a token, with a bare challenge [RFC6750-3.1] [RS-05]', async () => {
    const error = await refused(verify({ authorization: [] }), 'invalid_token', 'token_missing');
    expect([error.status, error.wwwAuthenticate]).toEqual([401, 'Bearer, DPoP algs="ES256 PS256 EdDSA"']);
  });

  it('with two Authorization headers [RFC6750-2]', async () => {
    const authorization = [`Bearer ${token}`, 'Bearer other'];
    await refused(verify({ authorization }), 'invalid_request', 'token_repeated');
  });

  it.each([
    ['revoked', 'certificate_revoked'],
    ['unknown', 'revocation_unknown'],
  ] as const)(
    'with a certificate whose revocation is %s, on a connection that is open [RFC8705-7.4] [RS-24]',
    async (revocation, reason) => {
      await refused(verify({ peer: { ...f.peers.first, revocation } }), 'invalid_token', reason);
      events.length = 0;
      await expect(verify()).resolves.toMatchObject({ clientId: 'first' });
    },
  );

  it('with another scheme [RFC6750-2.1]', async () => {
    await refused(verify({ authorization: [`Basic ${token}`] }), 'invalid_token', 'token_scheme_unsupported');
  });

  it.each(['Bearer', 'Bearer a b', 'Bearer ä', 'Bearer a\xa0', '\xa0Bearer a'])(
    'with the malformed header %s [RFC6750-2.1]',
    async (header) => {
      await refused(verify({ authorization: [header] }), 'invalid_token', 'token_malformed');
    },
  );

  it('with a token in the query, even beside a good header [FAPI2-SP-FINAL-5.3.4-2] [RS-01]', async () => {
    await refused(verify({ url: `/accounts?access_token=${token}` }), 'invalid_request', 'token_in_query');
  });

  it('without a client certificate [RFC8705-3]', async () => {
    const error = await refused(verify({ peer: undefined }), 'invalid_token', 'certificate_missing');
    expect(error.status).toBe(401);
  });

  it('with the certificate of another registered client [RFC8705-3] [RS-14]', async () => {
    await refused(verify({ peer: f.peers.second }), 'invalid_token', 'certificate_thumbprint_mismatch');
    expect(events[0]).toMatchObject({
      expectedThumbprint: f.peers.first.thumbprint,
      presentedThumbprint: f.peers.second.thumbprint,
    });
  });

  it('with a look-alike: same authority, subject and name, another key [RFC8705-3.1] [RS-14]', async () => {
    const lookalike = f.pki.peer(f.pki.mint({ subject: 'CN=first', dnsNames: ['first.test'] }));
    await refused(verify({ peer: lookalike }), 'invalid_token', 'certificate_thumbprint_mismatch');
  });

  it('with the right certificate once it has expired on a kept-alive connection [RFC8705-3]', async () => {
    const brief = f.pki.mint({
      subject: 'CN=first',
      dnsNames: ['first.test'],
      notAfter: new Date(f.clock.now().getTime() + 60_000),
    });
    f.peers.first = f.pki.peer(brief);
    token = (await tokens(f)).access_token;
    f.clock.advance(61);
    await refused(verify(), 'invalid_token', 'certificate_expired');
  });

  it('with a token that was tampered with [RFC9068-4] [RS-06]', async () => {
    const [header = '', , signature = ''] = token.split('.');
    const claims = Buffer.from(JSON.stringify({ ...claimsOf(token), sub: 'bob' })).toString('base64url');
    const forged = `${header}.${claims}.${signature}`;
    await refused(verify({ authorization: [`Bearer ${forged}`] }), 'invalid_token', 'token_signature_invalid');
  });

  // Other texts for the same bytes, with the same good signature: padding, and bits that no decoder looks at.
  it.each(['=', '=='])('with a token that has %s at its end [RFC7515-2]', async (end) => {
    await refused(verify({ authorization: [`Bearer ${token}${end}`] }), 'invalid_token', 'token_malformed');
  });

  it('with a token whose last letter is another one for the same signature [RFC7515-2]', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const respelt = token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1)!) + 1]!;
    const signature = (text: string) => Buffer.from(text.split('.')[2]!, 'base64url');
    expect(signature(respelt)).toEqual(signature(token));
    await refused(verify({ authorization: [`Bearer ${respelt}`] }), 'invalid_token', 'token_malformed');
  });

  it('with a token that says one thing twice, before anybody looks at its signature [RFC7519-4]', async () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const claims = JSON.stringify(claimsOf(token)).replace('{', '{"exp":1,');
    const signer = new CompactSign(Buffer.from(claims)).setProtectedHeader({
      alg: 'ES256',
      kid: ownKid(),
      typ: 'at+jwt',
    });
    const twice = await signer.sign(key.privateKey);
    await refused(verify({ authorization: [`Bearer ${twice}`] }), 'invalid_token', 'token_malformed');
  });

  it('with a token that was issued before every calendar [RFC7519-4.1.6]', async () => {
    const ancient = await signed({ iat: -1e15 });
    await refused(verify({ authorization: [`Bearer ${ancient}`] }), 'invalid_token', 'token_malformed');
  });

  it('with a token signed by somebody else under our kid [RFC9068-4] [RS-06]', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = await new SignJWT(claimsOf(token))
      .setProtectedHeader({ alg: 'ES256', kid: ownKid(), typ: 'at+jwt' })
      .sign(privateKey);
    await refused(verify({ authorization: [`Bearer ${forged}`] }), 'invalid_token', 'token_signature_invalid');
  });

  it('with a token that brings its own key [RFC8725-3.10]', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = await exportJWK(publicKey);
    const forged = await new SignJWT(claimsOf(token))
      .setProtectedHeader({ alg: 'ES256', kid: 'mine', typ: 'at+jwt', jwk })
      .sign(privateKey);
    await refused(verify({ authorization: [`Bearer ${forged}`] }), 'invalid_token', 'token_signature_invalid');
  });

  it.each(['HS256', 'RS256', 'ES384'])('with a token signed by %s [FAPI2-SP-FINAL-5.4.1-1] [RS-07]', async (alg) => {
    const keys = {
      HS256: new TextEncoder().encode(JSON.stringify(f.engine.keys.publicJwks().keys[0])),
      RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
      ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
    };
    const forged = await new SignJWT(claimsOf(token))
      .setProtectedHeader({ alg, kid: ownKid(), typ: 'at+jwt' })
      .sign(keys[alg as keyof typeof keys]);
    await refused(verify({ authorization: [`Bearer ${forged}`] }), 'invalid_token', 'token_algorithm_not_allowed');
  });

  it.each(['PS256', 'EdDSA'] as const)(
    'with our own key for %s, which signs no access tokens [RFC8725-3.1]',
    async (alg) => {
      const other = await f.engine.keys.sign(alg, 'at+jwt', claimsOf(token));
      await refused(verify({ authorization: [`Bearer ${other}`] }), 'invalid_token', 'token_algorithm_not_allowed');
    },
  );

  it('with an unsigned token [RFC8725-3.1] [RS-07]', async () => {
    const forged = new UnsecuredJWT(claimsOf(token)).encode();
    const error = await verify({ authorization: [`Bearer ${forged}`] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_token' });
  });

  it('with an ID token, or anything else of the same issuer [RFC9068-4] [RS-08]', async () => {
    const other = await signed({}, 'JWT');
    await refused(verify({ authorization: [`Bearer ${other}`] }), 'invalid_token', 'token_type_wrong');
  });

  it.each([
    [{ iss: 'https://evil.test' }, 'token_issuer_wrong'],
    [{ aud: 'https://other.test' }, 'token_audience_wrong'],
    [{ aud: `${BANK}.evil.test` }, 'token_audience_wrong'],
    [{ aud: [] }, 'token_audience_wrong'],
    [{ exp: 1 }, 'token_expired'],
    [{ exp: undefined }, 'token_claims_missing'],
    [{ jti: undefined }, 'token_claims_missing'],
    [{ client_id: undefined }, 'token_claims_missing'],
    [{ sub: '' }, 'token_claims_missing'],
    [{ grant_id: 7 }, 'token_claims_missing'],
    [{ iat: 1780315200 + 11 }, 'token_not_yet_valid'],
    [{ nbf: 1780315200 + 60 }, 'token_not_yet_valid'],
    [{ cnf: undefined }, 'token_unconfirmed'],
    [{ cnf: {} }, 'token_unconfirmed'],
    [{ cnf: { jkt: 'x'.repeat(42) } }, 'token_unconfirmed'],
    [{ cnf: { 'x5t#S256': '' } }, 'token_unconfirmed'],
    [{ cnf: { kid: 'key-1' } }, 'token_unconfirmed'],
    [{ cnf: ['x5t#S256'] }, 'token_unconfirmed'],
    [{ cnf: null }, 'token_unconfirmed'],
  ])(
    'with the claims %j [RFC9068-4] [FAPI2-SP-FINAL-5.3.4-5] [RS-09] [RS-10] [RS-11] [RS-13]',
    async (changes, reason) => {
      const odd = await signed(changes);
      await refused(verify({ authorization: [`Bearer ${odd}`] }), 'invalid_token', reason);
    },
  );

  it('for the first of its faults, in the order of the checks [RFC9068-4] [RS-12]', async () => {
    const faults: readonly [changes: object, reason: string][] = [
      [{ iss: 'https://evil.test' }, 'token_issuer_wrong'],
      [{ aud: 'https://other.test' }, 'token_audience_wrong'],
      [{ exp: 1 }, 'token_expired'],
      [{ cnf: undefined }, 'token_unconfirmed'],
    ];
    status = 'revoked';
    for (const [at, [, reason]] of faults.entries()) {
      const worse = await signed(Object.assign({}, ...faults.slice(at).map(([changes]) => changes)));
      await refused(verify({ authorization: [`Bearer ${worse}`] }), 'invalid_token', reason);
      events.length = 0;
    }
    await refused(verify(), 'invalid_token', 'token_revoked');
  });

  it('when the token was revoked [FAPI2-SP-FINAL-5.3.4-3] [RS-16]', async () => {
    status = 'revoked';
    await refused(verify(), 'invalid_token', 'token_revoked');
  });

  it('when nobody can tell whether it was revoked [FAPI2-SP-FINAL-5.3.4-3] [RS-16]', async () => {
    status = 'unknown';
    const error = await refused(verify(), 'temporarily_unavailable', 'token_status_unknown');
    expect(error.status).toBe(503);
  });

  it('when the keys of the issuer cannot be had', async () => {
    const bank = createResourceServer({
      issuer: ISSUER,
      audience: BANK,
      keys: () => Promise.reject(refuse('temporarily_unavailable', 'token_keys_unavailable')),
      revocations: { check: () => Promise.resolve('active') },
      dpop: dpop(),
      clock: f.clock,
      audit: (event) => void events.push(event),
    });
    const asked = bank.verifyRequest({
      authorization: [`Bearer ${token}`],
      dpop: [],
      method: 'GET',
      url: '/',
      peer: f.peers.first,
    });
    await refused(asked, 'temporarily_unavailable', 'token_keys_unavailable');
  });
});

describe('a resource request', () => {
  it('with a bound token on the connection it is bound to is let in [RFC8705-3]', async () => {
    const caller = await verify();
    expect(caller).toMatchObject({
      clientId: 'first',
      subject: 'alice',
      confirmation: { 'x5t#S256': f.peers.first.thumbprint },
    });
    expect(events).toMatchObject([{ outcome: 'allowed', client: 'first', subject: 'alice' }]);
    expect(JSON.stringify(events)).not.toContain(token);
  });

  it('may write the scheme in any case [RFC9110-11.1] [RS-03]', async () => {
    await expect(verify({ authorization: [`bEARER ${token}`] })).resolves.toMatchObject({ clientId: 'first' });
  });

  it('is let in when the issuer’s clock is up to ten seconds ahead [FAPI2-SP-FINAL-5.3.2.1-13]', async () => {
    token = await signed({ iat: 1780315200 + 10 });
    await expect(verify()).resolves.toMatchObject({ clientId: 'first' });
  });
});

describe('a permission', () => {
  it('that the token does not carry is refused with 403 [RFC9396-9.1] [RS-17]', async () => {
    const caller = await verify();
    for (const [type, action] of [
      ['account_information', 'read_transactions'],
      ['payment_initiation', 'read_balances'],
    ] as const) {
      const attempt = () => requireDetail(caller, type, action);
      expect(attempt).toThrow(expect.objectContaining({ code: 'insufficient_scope', status: 403 }));
    }
  });

  it('that the token carries names consent and accounts [RFC9396-7.1]', async () => {
    expect(requireDetail(await verify(), 'account_information', 'read_balances')).toMatchObject({
      consent_id: 'consent-1',
      accounts: ['acc-1'],
    });
  });
});
