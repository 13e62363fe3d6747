import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { Developer } from '../wire/developer.ts';
import { Http, said } from '../wire/http.ts';
import { allZero, es256, hs256, rs256, unsigned } from '../wire/jws.ts';
import { paramsOf, random, RawClient } from '../wire/raw-client.ts';
import type { Changes, JwtChanges } from '../wire/raw-client.ts';
import { Trail } from '../wire/trail.ts';
import { expectRefused, invalidClient, invalidRequest } from './expect-refused.ts';
import type { Refusal } from './expect-refused.ts';

// Group C of docs/attacks.md, but for what the lab plays: who proves to be a client, and how not.
const world = inject('world');
const trail = new Trail(world.home);
const elliptic = new RawClient('security-jwt-mtls-2', world);
const rsa = new RawClient('security-jwt-mtls-1', world);
const byCertificate = new RawClient('security-tls-2', world);
const developer = new Developer(world);
const guest = new Http(world.home);
afterAll(() => Promise.all([elliptic, rsa, byCertificate, developer, guest].map((each) => each.close())));

const MISMATCH = 'client_authentication_method_mismatch';
const seconds = (): number => Math.floor(Date.now() / 1000);

/** A push with this assertion; `redirect_uri` and the rest are always right. */
const pushWith = (client: RawClient, assertion: string, changes: Changes = {}) =>
  client.post('/par', { ...client.parameters(random()), ...client.authentication(assertion), ...changes });

/** The positive control: the same client, honestly, in the same run. */
async function expectServed(client: RawClient): Promise<void> {
  expect((await client.push()).answer.status).toBe(201);
}

describe('C02, a method that is too weak,', () => {
  const secret = { client_secret: random() };
  const basic = { authorization: `Basic ${Buffer.from(`${elliptic.id}:${random()}`).toString('base64')}` };
  const form = { ...elliptic.parameters(random()), client_id: elliptic.id };

  it('client_secret_basic is refused, and with the scheme that was tried [FAPI2-SP-FINAL-5.3.2.1-6] [RFC6749-5.2]', async () => {
    const exchange = await elliptic.post('/par', form, { headers: basic });
    await expectRefused(exchange, invalidClient(MISMATCH), trail);
    expect(exchange.answer.headers['www-authenticate']).toMatch(/^Basic/);
    await expectServed(elliptic);
  });

  it.each<[string, RawClient, Changes, string]>([
    ['client_secret_post', elliptic, secret, MISMATCH],
    ['none', elliptic, {}, 'client_assertion_missing'],
    ['client_secret_jwt', elliptic, hmacAssertion(elliptic), 'client_assertion_algorithm_not_allowed'],
    ['an assertion of a client that registered a certificate', byCertificate, assertionOf(byCertificate), MISMATCH],
    ['no assertion type', elliptic, { client_assertion: elliptic.assertion() }, 'client_assertion_type_unsupported'],
  ])('%s is refused [FAPI2-SP-FINAL-5.3.2.1-6]', async (_title, client, changes, reason) => {
    const exchange = await client.post('/par', { ...client.parameters(random()), client_id: client.id, ...changes });
    await expectRefused(exchange, invalidClient(reason), trail);
    await expectServed(client);
  });

  it.each(['password', 'implicit', 'urn:ietf:params:oauth:grant-type:jwt-bearer'])(
    'the grant %s is unknown [FAPI2-SP-FINAL-5.3.2.1-3]',
    async (grant) => {
      const exchange = await elliptic.token({ grant_type: grant, username: 'alice', password: 'alice-demo' });
      const refusal = { status: 400, error: 'unsupported_grant_type', reason: 'grant_type_unsupported' };
      await expectRefused(exchange, refusal, trail);
    },
  );

  it('none of them is advertised [RFC8414-2]', async () => {
    const metadata = said(await guest.ask(`${world.urls.issuer}/.well-known/openid-configuration`));
    const methods = metadata['token_endpoint_auth_methods_supported'] as string[];
    expect(methods.toSorted()).toEqual(['private_key_jwt', 'self_signed_tls_client_auth', 'tls_client_auth']);
    expect(metadata['grant_types_supported']).not.toContain('password');
    expect(metadata['response_types_supported']).toEqual(['code', 'code id_token']);
  });
});

describe('C13, an assertion,', () => {
  it('used at the token endpoint is of no use at PAR, nor there again [FAPI2-SP-FINAL-5.3.2.1-6] [RFC7523-3-7]', async () => {
    const assertion = elliptic.assertion();
    const first = await elliptic.post('/token', {
      ...elliptic.authentication(assertion),
      grant_type: 'client_credentials',
      scope: 'grant_management_query',
    });
    expect(first.answer.status).toBe(200);
    const replayed = invalidClient('client_assertion_replayed');
    await expectRefused(await pushWith(elliptic, assertion), replayed, trail);
    const grant = { grant_type: 'client_credentials', scope: 'grant_management_query' };
    await expectRefused(
      await elliptic.post('/token', { ...elliptic.authentication(assertion), ...grant }),
      replayed,
      trail,
    );
    await expectServed(elliptic);
  });

  it.each<[string, () => JwtChanges['claims'], string]>([
    ['an hour ahead', () => ({ exp: seconds() + 3600 }), 'client_assertion_lives_too_long'],
    ['without an end', () => ({ exp: undefined }), 'client_assertion_claims_missing'],
    ['with an end in words', () => ({ exp: 'tomorrow' }), 'client_assertion_claims_missing'],
    ['without a jti', () => ({ jti: undefined }), 'client_assertion_claims_missing'],
    ['made in a minute', () => ({ iat: seconds() + 61 }), 'client_assertion_not_yet_valid'],
    ['good in a minute', () => ({ nbf: seconds() + 61 }), 'client_assertion_not_yet_valid'],
    ['ended five minutes ago', () => ({ exp: seconds() - 300 }), 'client_assertion_expired'],
    ['of another client', () => ({ iss: rsa.id, sub: rsa.id }), 'client_assertion_subject_mismatch'],
    ['of another issuer', () => ({ iss: rsa.id }), 'client_assertion_subject_mismatch'],
  ])('%s, is refused [RFC7523-3] [FAPI2-SP-FINAL-5.3.2.1-13]', async (_title, claims, reason) => {
    const assertion = elliptic.assertion({ claims: claims() ?? {} });
    await expectRefused(await pushWith(elliptic, assertion), invalidClient(reason), trail);
  });

  it.each(['iat', 'nbf'])('eight seconds ahead by %s, is served [FAPI2-SP-FINAL-5.3.2.1-13]', async (claim) => {
    const assertion = elliptic.assertion({ claims: { [claim]: seconds() + 8 } });
    expect((await pushWith(elliptic, assertion)).answer.status).toBe(201);
  });
});

describe('C14, a signature', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = es256(privateKey);
  const known = createPublicKey(elliptic.signingKey);
  const jwk = known.export({ format: 'jwk' });
  const pem = known.export({ type: 'spki', format: 'pem' }).toString();
  const der = known.export({ type: 'spki', format: 'der' });
  const own = publicKey.export({ format: 'jwk' });
  const algorithm = 'client_assertion_algorithm_not_allowed';
  const invalid = 'client_assertion_signature_invalid';
  const unknown = 'client_assertion_key_unknown';
  const malformed = 'client_assertion_malformed';

  it.each<[string, JwtChanges, string]>([
    ['of none', { header: { alg: 'none' }, signer: unsigned }, algorithm],
    ['of None', { header: { alg: 'None' }, signer: unsigned }, algorithm],
    ['left empty', { signer: unsigned }, invalid],
    ['of HS256 with the key as PEM', { header: { alg: 'HS256' }, signer: hs256(pem) }, algorithm],
    ['of HS256 with the key as DER', { header: { alg: 'HS256' }, signer: hs256(der) }, algorithm],
    ['of HS256 with the key as JWK', { header: { alg: 'HS256' }, signer: hs256(JSON.stringify(jwk)) }, algorithm],
    ['all zero', { signer: allZero }, invalid],
    ['of the attacker', { signer: foreign }, invalid],
    ['of the attacker, jwk', { header: { jwk: own }, signer: foreign }, invalid],
    ['of the attacker, jku', { header: { jku: 'https://127.0.0.1:1/jwks' }, signer: foreign }, invalid],
    ['of the attacker, x5u', { header: { x5u: 'https://127.0.0.1:1/x' }, signer: foreign }, invalid],
    ['of the attacker, x5c', { header: { x5c: ['MIIB'] }, signer: foreign }, invalid],
    ['by a kid of a path', { header: { kid: '../../../dev/null' }, signer: hs256('') }, unknown],
    ['by a kid of SQL', { header: { kid: "x' UNION SELECT 'k" }, signer: foreign }, unknown],
    ['by the kid __proto__', { header: { kid: '__proto__' }, signer: foreign }, unknown],
    ['by no kid', { header: { kid: undefined }, signer: foreign }, invalid],
    ['by a kid that is a number', { header: { kid: 1 } }, malformed],
    ['with an unknown crit', { header: { crit: ['x'], x: 1 } }, malformed],
    ['with b64 false', { header: { b64: false, crit: ['b64'] } }, malformed],
    ['of the type of another artefact', { header: { typ: 'at+jwt' } }, 'client_assertion_type_wrong'],
  ])('%s is refused [RFC8725-3.1] [FAPI2-SP-FINAL-5.4.1-1]', async (_title, changes, reason) => {
    await expectRefused(await pushWith(elliptic, elliptic.assertion(changes)), invalidClient(reason), trail);
  });

  it.each<[string, JwtChanges, string]>([
    ['of RS256 by the right key', { header: { alg: 'RS256' }, signer: rs256(rsa.signingKey) }, algorithm],
    ['of PKCS#1 v1.5 under the name PS256', { signer: rs256(rsa.signingKey) }, invalid],
    ['of an elliptic key under the name PS256', { signer: foreign }, invalid],
  ])('%s is refused [FAPI2-SP-FINAL-5.4.1-1]', async (_title, changes, reason) => {
    await expectRefused(await pushWith(rsa, rsa.assertion(changes)), invalidClient(reason), trail);
    await expectServed(rsa);
  });

  it('in five parts, as an encrypted one, is refused [RFC8725-3.1]', async () => {
    const jwe = [Buffer.from('{"alg":"ECDH-ES","enc":"A128GCM"}').toString('base64url'), '', 'aaaa', 'bbbb', 'cccc'];
    const exchange = await pushWith(elliptic, jwe.join('.'));
    await expectRefused(exchange, invalidClient(malformed), trail);
  });

  it('that is right is served, with and without a kid', async () => {
    await expectServed(elliptic);
    expect((await pushWith(elliptic, elliptic.assertion({ header: { kid: undefined } }))).answer.status).toBe(201);
  });
});

describe('C19, a form', () => {
  const honest = () => paramsOf({ ...byCertificate.parameters(random()), client_id: byCertificate.id });
  const edited = (edit: (form: URLSearchParams) => void): URLSearchParams => {
    const form = honest();
    edit(form);
    return form;
  };
  const missing = invalidClient('client_id_missing');

  it.each<[string, () => URLSearchParams | string, Refusal]>([
    [
      'with two clients',
      () => edited((form) => form.append('client_id', developer.id)),
      invalidRequest('parameter_repeated'),
    ],
    [
      'with the same client twice',
      () => edited((form) => form.append('client_id', byCertificate.id)),
      invalidRequest('parameter_repeated'),
    ],
    ['with client_id[]', () => edited((form) => renamed(form, 'client_id', 'client_id[]')), missing],
    ['with client_id[0]', () => edited((form) => renamed(form, 'client_id', 'client_id[0]')), missing],
    ['with __proto__[client_id]', () => edited((form) => renamed(form, 'client_id', '__proto__[client_id]')), missing],
    [
      'with a NUL in client_id',
      () => edited((form) => form.set('client_id', `${byCertificate.id}\0`)),
      invalidRequest('parameter_malformed'),
    ],
    [
      'with a name behind client_id',
      () => edited((form) => form.set('client_id', `${byCertificate.id},${developer.id}`)),
      invalidClient('client_unknown'),
    ],
  ])('%s is refused [RFC6749-3.2]', async (_title, form, refusal) => {
    await expectRefused(await byCertificate.post('/par', form()), refusal, trail);
  });

  it('in JSON is refused [RFC9126-2.1]', async () => {
    const json = JSON.stringify(Object.fromEntries(honest()));
    const exchange = await byCertificate.post('/par', json, { headers: { 'content-type': 'application/json' } });
    expect([400, 415]).toContain(exchange.answer.status);
    expect((await trail.refusalOf(exchange.interaction)).event.reason).toBe('body_wrong_type');
  });

  it('of a megabyte is refused, and never read [RFC9126-7.1]', async () => {
    const exchange = await byCertificate.post(
      '/par',
      edited((form) => form.set('state', 'x'.repeat(1_000_000))),
    );
    // Refused below every rule, so there is no decision to write down.
    expect([exchange.answer.status, said(exchange.answer)['error']]).toEqual([413, 'request_too_large']);
  });

  it('is read and the query is not [RFC6749-3.2]', async () => {
    const empty = await byCertificate.post(`/par?${honest().toString()}`, new URLSearchParams());
    await expectRefused(empty, missing, trail);
    const both = await byCertificate.post(`/token?grant_type=client_credentials&client_id=${developer.id}`, {
      client_id: byCertificate.id,
    });
    await expectRefused(both, invalidRequest('parameter_missing'), trail);
  });

  it('with two grant types is refused [RFC6749-3.2]', async () => {
    const form = new URLSearchParams([
      ['client_id', byCertificate.id],
      ['grant_type', 'client_credentials'],
      ['grant_type', 'refresh_token'],
    ]);
    await expectRefused(await byCertificate.post('/token', form), invalidRequest('parameter_repeated'), trail);
    await expectServed(byCertificate);
  });
});

describe('C22, the host without certificates', () => {
  const plain = world.urls.issuer;
  const { host } = new URL(world.urls.mtlsIssuer);

  it.each(['/par', '/token', '/introspect', '/revoke'])('recognises nobody at %s [RFC8705-5]', async (path) => {
    for (const headers of [{}, { 'x-forwarded-host': host }, { forwarded: `host=${host}` }]) {
      const exchange = await byCertificate.post(plain + path, byCertificate.pushForm(random()), { headers });
      await expectRefused(exchange, invalidClient('certificate_missing'), trail);
    }
    await expectServed(byCertificate);
  });

  it('serves no token that is bound to a certificate [RFC8705-3] [FAPI2-SP-FINAL-5.3.4-5]', async () => {
    const { access_token: token } = await developer.tokens();
    const headers = { authorization: `Bearer ${token}` };
    const refusal = { status: 401, error: 'invalid_token', reason: 'certificate_missing' };
    const asked = { http: developer.http, headers };
    await expectRefused(await byCertificate.send(`${plain}/userinfo`, asked), refusal, trail);
    expect((await developer.http.ask(`${world.urls.mtlsIssuer}/userinfo`, { headers })).status).toBe(200);
  });

  it('is not taken for the other by a Host header, nor by the target of the request [RFC9110-7.2]', async () => {
    const form = paramsOf(byCertificate.pushForm(random())).toString();
    for (const [target, name] of [
      ['/par', host],
      [`${world.urls.mtlsIssuer}/par`, host],
    ] as const) {
      const socket = await tlsTo(plain);
      const head = [`POST ${target} HTTP/1.1`, `Host: ${name}`, 'Connection: close'];
      const type = ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${form.length}`];
      socket.write([...head, ...type, '', form].join('\r\n'));
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
  });

  it('answers no HTTP/2 beside the checks of HTTP/1.1 [RFC8705-5]', async () => {
    // A client that insists on HTTP/2 finds nobody: there is one way in, and the checks are on it.
    for (const base of [plain, world.urls.mtlsIssuer]) {
      const socket = await tlsTo(base, ['h2', 'http/1.1']);
      expect(socket.alpnProtocol).not.toBe('h2');
      socket.destroy();
    }
  });
});

function tlsTo(base: string, ALPNProtocols?: string[]): Promise<TLSSocket> {
  const { hostname: servername, port } = new URL(base);
  const options = { host: '127.0.0.1', port: Number(port), servername, ca: elliptic.file.trust };
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, ...(ALPNProtocols && { ALPNProtocols }) }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function hmacAssertion(client: RawClient): Changes {
  const client_assertion = client.assertion({ header: { alg: 'HS256' }, signer: hs256(random()) });
  return { ...client.authentication(client_assertion) };
}

function assertionOf(client: RawClient): Changes {
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return { client_assertion: client.assertion(), client_assertion_type };
}

function renamed(form: URLSearchParams, from: string, to: string): void {
  form.append(to, form.get(from) ?? '');
  form.delete(from);
}
