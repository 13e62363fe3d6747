import { generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { said } from '../wire/http.ts';
import { claimsOf, es256, hs256, rs256, unsigned } from '../wire/jws.ts';
import { random, RawClient } from '../wire/raw-client.ts';
import type { Exchange, JwtChanges } from '../wire/raw-client.ts';
import { Trail } from '../wire/trail.ts';
import { expectRefused, invalidGrant, invalidRequest } from './expect-refused.ts';

// A23 and A24 of docs/attacks.md: requests and answers that are signed, and codes that are bound to a key.
const world = inject('world');
const trail = new Trail(world.home);
const signing = new RawClient('signing-jwt-mtls-2', world);
const rsa = new RawClient('signing-jwt-mtls-1', world);
const holder = new RawClient('security-jwt-dpop-2', world);
afterAll(() => Promise.all([signing, rsa, holder].map((each) => each.close())));

const seconds = (): number => Math.floor(Date.now() / 1000);
const pushObject = (client: RawClient, request: string, beside = {}): Promise<Exchange> =>
  client.post('/par', { ...client.authentication(), request, ...beside });
const objectOf = (client: RawClient, changes: JwtChanges): string =>
  client.requestObject(client.parameters(random()), changes);
const notAnObject = (reason: string) => ({
  status: 400,
  error: 'invalid_request_object',
  reason: `request_object_${reason}`,
});

describe('A23, a request object', () => {
  const attacker = es256(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

  it.each<[string, () => JwtChanges, string]>([
    ['of none', () => ({ header: { alg: 'none' }, signer: unsigned }), 'algorithm_not_allowed'],
    ['of HS256', () => ({ header: { alg: 'HS256' }, signer: hs256(random()) }), 'algorithm_not_allowed'],
    ['of somebody else', () => ({ signer: attacker }), 'signature_invalid'],
    ['of an unknown key', () => ({ header: { kid: 'x' }, signer: attacker }), 'key_unknown'],
    ['of another type', () => ({ header: { typ: 'at+jwt' } }), 'type_wrong'],
    ['for another server', () => ({ claims: { aud: 'https://evil.example' } }), 'audience_wrong'],
    ['for nobody', () => ({ claims: { aud: undefined } }), 'audience_wrong'],
    ['for the server with a slash', () => ({ claims: { aud: `${world.urls.issuer}/` } }), 'audience_wrong'],
    ['of another client', () => ({ claims: { iss: rsa.id } }), 'client_mismatch'],
    ['in the name of another client', () => ({ claims: { client_id: rsa.id } }), 'client_mismatch'],
    ['that ended', () => ({ claims: { nbf: seconds() - 600, exp: seconds() - 60 } }), 'expired'],
    ['of more than an hour', () => ({ claims: { exp: seconds() + 3700 } }), 'lives_too_long'],
    ['of an hour ago', () => ({ claims: { nbf: seconds() - 3700 } }), 'lives_too_long'],
    ['of the future', () => ({ claims: { nbf: seconds() + 61 } }), 'not_yet_valid'],
    ['without an end', () => ({ claims: { exp: undefined } }), 'claims_missing'],
    ['without a beginning', () => ({ claims: { nbf: undefined } }), 'claims_missing'],
    ['with a request in it', () => ({ claims: { request: 'x.y.z' } }), 'nested'],
    ['with a request_uri in it', () => ({ claims: { request_uri: 'https://evil.example' } }), 'nested'],
  ])('%s is refused [FAPI2-MS-FINAL-5.3.1] [RFC9101-6]', async (_title, changes, reason) => {
    await expectRefused(await pushObject(signing, objectOf(signing, changes())), notAnObject(reason), trail);
  });

  it('of RS256 is refused, though the key is right [FAPI2-SP-FINAL-5.4.1-1]', async () => {
    const object = objectOf(rsa, { header: { alg: 'RS256' }, signer: rs256(rsa.signingKey) });
    await expectRefused(await pushObject(rsa, object), notAnObject('algorithm_not_allowed'), trail);
    expect((await rsa.push()).answer.status).toBe(201);
  });

  it('that is missing is not made up from the form [FAPI2-MS-FINAL-5.3.1-1]', async () => {
    const form = { ...signing.authentication(), ...signing.parameters(random()) };
    await expectRefused(await signing.post('/par', form), invalidRequest('request_object_missing'), trail);
  });

  it('counts alone: what stands beside it has no effect [RFC9101-6.3]', async () => {
    const verifier = random();
    const object = signing.requestObject(signing.parameters(verifier, { scope: 'openid' }));
    const beside = {
      scope: 'openid profile',
      redirect_uri: 'https://evil.example',
      state: 'x',
      response_type: 'token',
    };
    const pushed = await pushObject(signing, object, beside);
    expect(pushed.answer.status).toBe(201);
    const requestUri = String(said(pushed.answer)['request_uri']);
    const back = await signing.approve(await signing.atConsent({ requestUri }));
    const { answer } = await signing.token(signing.redemption({ code: String(back['code']), verifier }));
    expect([answer.status, said(answer)['scope'] ?? 'openid']).toEqual([200, 'openid']);
    expect(claimsOf(String(back['response']))).toMatchObject({ iss: world.urls.issuer, aud: signing.id });
  });

  it('beside a profile without them is refused [FAPI2-SP-FINAL-5.3.2.2]', async () => {
    const plain = new RawClient('security-jwt-mtls-2', world);
    const exchange = await pushObject(plain, plain.requestObject(plain.parameters(random())));
    await expectRefused(exchange, invalidRequest('request_object_not_accepted'), trail);
    await plain.close();
  });
});

describe('A24, a code that is bound to a key,', () => {
  const par = `${world.urls.mtlsIssuer}/par`;
  const token = `${world.urls.mtlsIssuer}/token`;
  const thief = new RawClient('security-jwt-dpop-2', world);
  afterAll(() => thief.close());

  /** A push with a proof; the first one only fetches the nonce. RFC9449-8, RFC9449-10.1. */
  async function pushProven(client: RawClient, changes = {}) {
    await client.push({}, { headers: { dpop: client.proof('POST', par) } });
    const verifier = random();
    const headers = { dpop: client.proof('POST', par) };
    const exchange = await client.post('/par', client.pushForm(verifier, changes), { headers });
    return { ...exchange, verifier };
  }

  it('is not redeemed with another key, nor with none [RFC9449-10]', async () => {
    const { answer, verifier } = await pushProven(holder);
    const requestUri = String(said(answer)['request_uri']);
    const code = String((await holder.approve(await holder.atConsent({ requestUri })))['code']);
    const form = holder.redemption({ code, verifier });
    // The thief sits at the client itself and has all its secrets but the key of the proof.
    await expectRefused(await thief.token(form), invalidGrant('code_key_mismatch'), trail);
    const bare = await holder.post('/token', { ...holder.authentication(), ...form });
    await expectRefused(bare, invalidRequest('sender_constraint_missing'), trail);
    expect((await holder.token(form)).answer.status).toBe(200);
  });

  it('is asked for with one key and not with two [RFC9449-10.1]', async () => {
    const exchange = await pushProven(holder, { dpop_jkt: 'x'.repeat(43) });
    await expectRefused(exchange, invalidRequest('dpop_jkt_mismatch'), trail);
  });

  it('is asked for with no proof of another place [RFC9449-4.3-9]', async () => {
    await holder.push({}, { headers: { dpop: holder.proof('POST', par) } });
    const headers = { dpop: holder.proof('POST', token) };
    const refusal = { status: 400, error: 'invalid_dpop_proof', reason: 'dpop_url_mismatch' };
    await expectRefused(await holder.push({}, { headers }), refusal, trail);
  });
});
