import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Http, said } from '../wire/http.ts';
import { claimsOf, compactJws, es256 } from '../wire/jws.ts';
import { random, RawClient } from '../wire/raw-client.ts';
import type { Exchange, JwtChanges } from '../wire/raw-client.ts';
import { Trail } from '../wire/trail.ts';
import { expectRefused, invalidRequest, invalidToken } from './expect-refused.ts';
import type { Refusal } from './expect-refused.ts';

// Group T of docs/attacks.md, but for what the lab plays: what a token is good for, where, and in whose hands.
const world = inject('world');
const { bank, issuer, mtlsIssuer } = world.urls;
const trail = new Trail(world.home);
const bound = new RawClient('signing-jwt-mtls-2', world);
const holder = new RawClient('security-jwt-dpop-2', world);
const other = new RawClient('security-tls-2', world);
const guest = new Http(world.home);
afterAll(() => Promise.all([bound, holder, other, guest].map((each) => each.close())));

let tokens: Record<string, string>;
let proven: Record<string, string>;
beforeAll(async () => {
  tokens = await bound.tokens();
  proven = await holder.tokens();
});

const userinfo = `${mtlsIssuer}/userinfo`;
const tokenOf = (told: Record<string, string>): string => told['access_token'] ?? '';

/** The positive control: the very token that was tried, in the hands of its owner. */
async function expectServed(): Promise<void> {
  expect((await bound.accounts(tokenOf(tokens))).answer.status).toBe(200);
  expect((await holder.accounts(tokenOf(proven))).answer.status).toBe(200);
}

describe('T10, in the place of an access token', () => {
  const signed = async (): Promise<string> => {
    const headers = { accept: 'application/token-introspection+jwt' };
    const form = { ...bound.authentication(), token: tokenOf(tokens) };
    return (await bound.post('/introspect', form, { headers })).answer.text;
  };
  const answered = async (): Promise<string> =>
    String((await bound.approve(await bound.atConsent(await bound.pushed())))['response']);

  it.each<[string, () => string | Promise<string>, string]>([
    ['an ID token', () => tokens['id_token'] ?? '', 'token_type_wrong'],
    ['a refresh token', () => tokens['refresh_token'] ?? '', 'token_malformed'],
    ['a signed answer of the login', answered, 'token_type_wrong'],
    ['a signed introspection', signed, 'token_type_wrong'],
    ['a client assertion', () => bound.assertion(), 'token_signature_invalid'],
    ['a request object', () => bound.requestObject(bound.parameters(random())), 'token_signature_invalid'],
    ['a proof', () => holder.proof('GET', bound.file.resource), 'token_signature_invalid'],
    ['nothing but a word', () => 'token', 'token_malformed'],
  ])('%s is refused, by the bank and by userinfo [RFC9068-4] [RFC8725-3.11]', async (_title, make, reason) => {
    const artefact = await make();
    expect(artefact).toMatch(/\w/);
    await expectRefused(await bound.show(artefact), invalidToken(reason), trail);
    const headers = { authorization: `Bearer ${artefact}` };
    await expectRefused(await bound.send(userinfo, { headers }), invalidToken(reason), trail);
  });

  it('the token itself is served', expectServed);
});

describe('T11, a token', () => {
  it('for userinfo is none at the bank, and one for the bank is none at userinfo [RFC9700-4.10.2]', async () => {
    const wrong = invalidToken('token_audience_wrong');
    const forUserinfo = await other.tokens({ scope: 'openid', authorization_details: undefined });
    await expectRefused(await other.show(tokenOf(forUserinfo)), wrong, trail);
    const headers = (token: string) => ({ authorization: `Bearer ${token}` });
    expect((await other.send(userinfo, { headers: headers(tokenOf(forUserinfo)) })).answer.status).toBe(200);

    const forBank = await other.tokens({ scope: undefined });
    await expectRefused(await other.send(userinfo, { headers: headers(tokenOf(forBank)) }), wrong, trail);
    expect((await other.show(tokenOf(forBank))).answer.status).toBe(200);
  });

  it.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
    ['as it was', (claims) => claims],
    ['for a bank of a longer name', (claims) => ({ ...claims, aud: `${bank}.evil.example` })],
    ['for two', (claims) => ({ ...claims, aud: [bank, 'https://evil.example'] })],
    ['bound to nothing', ({ cnf: _, ...claims }) => claims],
    ['bound to the thief', (claims) => ({ ...claims, cnf: { 'x5t#S256': random() } })],
  ])('signed anew by somebody else under the same kid, %s, is none [RFC9068-4]', async (_title, edit) => {
    const [head = ''] = tokenOf(tokens).split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = compactJws(header, edit(claimsOf(tokenOf(tokens))), es256(privateKey));
    await expectRefused(await bound.show(forged), invalidToken('token_signature_invalid'), trail);
  });

  it('of the bank is served there', expectServed);
});

describe('T14, the scheme of a token', () => {
  it('is not for the sender to choose: a DPoP token is none as Bearer [RFC9449-7.2]', async () => {
    const mismatch = invalidToken('token_scheme_mismatch');
    await expectRefused(await holder.show(tokenOf(proven)), mismatch, trail);
    const dpop = holder.proof('GET', holder.file.resource, tokenOf(proven));
    await expectRefused(await holder.show(tokenOf(proven), 'Bearer', { headers: { dpop } }), mismatch, trail);
    await expectRefused(await bound.show(tokenOf(tokens), 'DPoP', { headers: { dpop } }), mismatch, trail);
  });

  it('is not another one beside it [RFC6750-2]', async () => {
    const authorization = [`Bearer ${tokenOf(tokens)}`, `DPoP ${tokenOf(tokens)}`];
    const exchange = await bound.send(bound.file.resource, { headers: { authorization } });
    await expectRefused(exchange, invalidRequest('token_repeated'), trail);
    const basic = await bound.show(tokenOf(tokens), 'Basic');
    await expectRefused(basic, invalidToken('token_scheme_unsupported'), trail);
  });

  it('may be written in any case [RFC9110-11.1]', async () => {
    for (const scheme of ['bearer', 'BEARER'])
      expect((await bound.show(tokenOf(tokens), scheme)).answer.status).toBe(200);
    await expectServed();
  });
});

describe('T15, a proof', () => {
  const resource = holder.file.resource;
  const proofRefused = (reason: string, error = 'invalid_dpop_proof'): Refusal => ({ status: 401, error, reason });
  const seconds = (): number => Math.floor(Date.now() / 1000);
  const showWith = (dpop: string | readonly string[], url = resource, method = 'GET'): Promise<Exchange> =>
    holder.send(url, { method, headers: { authorization: `DPoP ${tokenOf(proven)}`, dpop } });
  const proof = (changes: JwtChanges = {}): string => holder.proof('GET', resource, tokenOf(proven), changes);
  beforeAll(() => holder.accounts(tokenOf(proven)));

  it('overheard is of no use, neither at once nor beside a fresh nonce [RFC9449-11.1]', async () => {
    const overheard = proof();
    expect((await showWith(overheard)).answer.status).toBe(200);
    await expectRefused(await showWith(overheard), proofRefused('dpop_replayed'), trail);
    const moved = await showWith(overheard, `${bank}/accounts?`);
    await expectRefused(moved, proofRefused('dpop_replayed'), trail);
  });

  it('for another path, method or server is none [RFC9449-4.3-8] [RFC9449-4.3-9]', async () => {
    await expectRefused(
      await showWith(proof(), `${bank}/accounts/x/transactions`),
      proofRefused('dpop_url_mismatch'),
      trail,
    );
    await expectRefused(await showWith(proof(), userinfo), proofRefused('dpop_url_mismatch'), trail);
    const read = holder.proof('GET', userinfo, tokenOf(proven));
    await expectRefused(await showWith(read, userinfo, 'POST'), proofRefused('dpop_method_mismatch'), trail);
  });

  it.each<[string, () => JwtChanges, Refusal]>([
    ['made in 50 seconds', () => ({ claims: { iat: seconds() + 50 } }), proofRefused('dpop_iat_out_of_range')],
    ['made two minutes ago', () => ({ claims: { iat: seconds() - 120 } }), proofRefused('dpop_iat_out_of_range')],
    ['without the token in it', () => ({ claims: { ath: undefined } }), proofRefused('dpop_token_hash_mismatch')],
    ['with another token in it', () => ({ claims: { ath: random() } }), proofRefused('dpop_token_hash_mismatch')],
    ['without a nonce', () => ({ claims: { nonce: undefined } }), proofRefused('dpop_nonce_missing', 'use_dpop_nonce')],
    [
      'with a guessed nonce',
      () => ({ claims: { nonce: random() } }),
      proofRefused('dpop_nonce_wrong', 'use_dpop_nonce'),
    ],
    ['without a jti', () => ({ claims: { jti: undefined } }), proofRefused('dpop_proof_malformed')],
    ['of another type', () => ({ header: { typ: 'jwt' } }), proofRefused('dpop_type_wrong')],
    ['of none', () => ({ header: { alg: 'none' } }), proofRefused('dpop_algorithm_not_allowed')],
    ['of somebody else under this key', () => ({ signer: strangerSigner }), proofRefused('dpop_signature_invalid')],
    ['of a key of the thief', () => thiefsOwn(), proofRefused('dpop_key_mismatch', 'invalid_token')],
  ])('%s is none [RFC9449-4.3]', async (_title, changes, refusal) => {
    await expectRefused(await showWith(proof(changes())), refusal, trail);
  });

  it('is exactly one [RFC9449-4.3-1]', async () => {
    const none = await holder.show(tokenOf(proven), 'DPoP');
    await expectRefused(none, proofRefused('dpop_proof_missing'), trail);
    await expectRefused(await showWith([proof(), proof()]), proofRefused('dpop_proof_repeated'), trail);
    await expectServed();
  });

  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const strangerSigner = es256(stranger.privateKey);
  function thiefsOwn(): JwtChanges {
    const { kty, crv, x, y } = stranger.publicKey.export({ format: 'jwk' });
    return { header: { jwk: { kty, crv, x, y } }, signer: strangerSigner };
  }
});

describe('T16, a token in a URL or a body', () => {
  it('is refused and written down nowhere [FAPI2-SP-FINAL-5.3.4-2]', async () => {
    const token = tokenOf(tokens);
    const query = `access_token=${token}`;
    for (const url of [`${bank}/accounts?${query}`, `${userinfo}?${query}`])
      await expectRefused(await bound.send(url, {}, [token]), invalidRequest('token_in_query'), trail);
    await expectRefused(await bound.post(userinfo, { access_token: token }), invalidRequest('token_in_body'), trail);
    expect(filesWith(token.slice(-32))).toEqual([]);
    await expectServed();
  });
});

describe('T19, the token of another client', () => {
  it('is not ended by whoever knows it [RFC7009-2.1]', async () => {
    for (const name of ['access_token', 'refresh_token']) {
      const { answer } = await other.post('/revoke', { ...other.authentication(), token: tokens[name] });
      expect(answer.status).toBe(200);
    }
    await expectServed();
    const refresh = await bound.token({ grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] });
    expect(refresh.answer.status).toBe(200);
  });

  it('is not looked into by whoever knows it [RFC7662-4]', async () => {
    const { answer } = await other.post('/introspect', { ...other.authentication(), token: tokenOf(tokens) });
    expect([answer.status, said(answer)]).toEqual([200, { active: false }]);
  });

  it('is not refreshed by whoever knows it [RFC6749-10.4]', async () => {
    const stolen = await other.token({ grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] });
    const foreign = { status: 400, error: 'invalid_grant', reason: 'refresh_token_foreign' };
    await expectRefused(stolen, foreign, trail);
    const nobody = await other.post(
      `${issuer}/revoke`,
      { client_id: bound.id, token: tokenOf(tokens) },
      { http: guest },
    );
    expect(nobody.answer.status).toBe(401);
    await expectServed();
  });
});

/** Files of the home, logs and audit trail, that hold a text. */
function filesWith(text: string): string[] {
  return ['logs', 'audit'].flatMap((folder) =>
    readdirSync(join(world.home, folder))
      .map((name) => join(folder, name))
      .filter((name) => readFileSync(join(world.home, name), 'utf8').includes(text)),
  );
}
