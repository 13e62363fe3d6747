import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientSigner, sign } from '@holdfast/fapi/testing';
import { StartUpError } from '@holdfast/host';
import type { LeafName } from '@holdfast/mtls/testing';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import type { Wishes } from '../testing/server-under-test.ts';
import { ServerUnderTest } from '../testing/server-under-test.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-directory-'));
afterAll(() => rmSync(folder, { recursive: true }));
const DIRECTORY = 'https://directory.localhost';
const directory = clientSigner('ES256', 'directory-1');
const jwks = join(folder, 'jwks.json');
writeFileSync(jwks, JSON.stringify({ keys: [directory.jwk] }));

const OPEN = { directory: { issuer: DIRECTORY, jwks }, authority: 'participants intermediate', disabled: [] };
const OWN: LeafName = 'fintech/transport';
const OTHER: LeafName = 'lab/second-client';
const METADATA = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_certificate_bound_access_tokens: true,
  redirect_uris: ['https://tidepool.test/callback'],
  grant_types: ['authorization_code', 'client_credentials'],
  scope: 'openid grant_management_query',
};

let count = 0;
const statement = (changes: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const iat = Math.floor(Date.now() / 1000);
  const about = {
    software_id: 'tidepool-app',
    profile: 'fapi2-security',
    client_name: 'Tidepool',
    tls_client_auth_san_dns: 'client.fintech.localhost',
    software_redirect_uris: METADATA.redirect_uris,
  };
  const claims = { iss: DIRECTORY, iat, exp: iat + 300, jti: `jti-${++count}`, ...about, ...changes };
  return sign(directory, claims, { typ: 'software-statement+jwt' });
};

describe.each(storesUnderTest())('registration over a socket, on $name', ({ open }) => {
  let store: Store<AuthorizationTables>;
  const closing: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    store = await open<AuthorizationTables>(migrations);
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function start(wishes: Wishes = { registration: OPEN }, on = store): Promise<ServerUnderTest> {
    const started = await ServerUnderTest.open(on, wishes);
    closing.push(() => started.close());
    return started;
  }
  const register = async (
    server: ServerUnderTest,
    changes: Readonly<Record<string, unknown>> = {},
    certificate: LeafName | undefined = OWN,
  ) =>
    server.ask('mtls', '/register', {
      json: { ...METADATA, software_statement: await statement(), ...changes },
      certificate,
    });
  const manage = (
    server: ServerUnderTest,
    told: Record<string, string>,
    method: string,
    certificate: LeafName = OWN,
    json?: unknown,
  ) =>
    server.ask('mtls', new URL(told['registration_client_uri'] ?? '').pathname, {
      method,
      headers: { authorization: `Bearer ${told['registration_access_token'] ?? ''}` },
      certificate,
      ...(json === undefined ? {} : { json }),
    });
  const tokenFor = (server: ServerUnderTest, clientId: string, certificate: LeafName = OWN) =>
    server.ask('mtls', '/token', { form: { grant_type: 'client_credentials', client_id: clientId }, certificate });

  it('does not exist where the configuration does not open it, and never at the listener for browsers [RFC7591-3]', async () => {
    const closed = await start({});
    expect([(await register(closed)).status, (await closed.ask('mtls', '/register/x')).status]).toEqual([404, 404]);
    const { json } = await closed.ask('mtls', '/.well-known/openid-configuration');
    expect(json).not.toHaveProperty('registration_endpoint');

    const server = await start();
    const body = { ...METADATA, software_statement: await statement() };
    expect((await server.ask('browser', '/register', { json: body })).status).toBe(404);
    const told = await server.ask('browser', '/.well-known/openid-configuration');
    expect(told.json.registration_endpoint).toBe('https://mtls.auth.localhost:9444/register');
    expect((await register(server)).status).toBe(201);
  });

  it('does not start with an authority nobody trusts, or with keys that are none', async () => {
    const rogue = { registration: { ...OPEN, authority: 'other' } };
    await expect(start(rogue)).rejects.toThrow(StartUpError);
    const torn = join(folder, 'torn.json');
    writeFileSync(torn, '{"keys":[{"kty":"oct","k":"eA"}]}');
    const unkeyed = { registration: { ...OPEN, directory: { issuer: DIRECTORY, jwks: torn } } };
    await expect(start(unkeyed)).rejects.toThrow(/keys of the directory/);
  });

  it('is refused to whoever shows no certificate, the wrong one, or no JSON, and each refusal is written down', async () => {
    const server = await start();
    const form = await server.ask('mtls', '/register', { form: METADATA as never, certificate: OWN });
    const bare = await server.ask('mtls', '/register', {
      json: { ...METADATA, software_statement: await statement() },
    });
    const stolen = await register(server, {}, OTHER);
    const twice = await server.ask('mtls', '/register', {
      headers: { 'content-type': 'application/json' },
      form: '{"client_name":"a","client_name":"b"}' as never,
      certificate: OWN,
    });
    expect([form, bare, stolen, twice].map(({ status, json }) => [status, json.error])).toEqual([
      [400, 'invalid_request'],
      [401, 'invalid_client'],
      [400, 'unapproved_software_statement'],
      [400, 'invalid_request'],
    ]);
    const reasons = server.audit().map(({ action, reason }) => `${String(action)} ${String(reason)}`);
    expect(reasons).toEqual([
      'registration.register body_wrong_type',
      'registration.register certificate_missing',
      'registration.register software_statement_holder_mismatch',
      'registration.register body_malformed',
    ]);
    expect((await register(server)).status).toBe(201);
  });

  it('lets one of eight register who try at once, on two replicas, with the same certificate', async () => {
    const servers = [await start(), await start({ registration: OPEN }, await open(migrations, { sameAs: store }))];
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => register(servers[at % 2]!)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ json }) => json.error === 'invalid_redirect_uri')).toHaveLength(7);
  });

  it('does not let a leaked token manage a client, and says so in one way for everybody [RFC7592-2]', async () => {
    const server = await start();
    const told = (await register(server)).json;
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? { ...METADATA, client_id: told.client_id } : undefined;
      const thief = await manage(server, told, method, OTHER, body);
      expect([thief.status, thief.json.error]).toEqual([401, 'invalid_client']);
      const guess = await manage(server, { ...told, registration_access_token: 'A'.repeat(43) }, method, OWN, body);
      expect([guess.status, guess.json.error]).toEqual([401, 'invalid_token']);
      expect(guess.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
    expect((await manage(server, told, 'GET')).json).toEqual(told);
    const written = JSON.stringify([server.audit(), server.log]);
    expect(written).not.toContain(told.registration_access_token);
    expect(written).not.toContain(told.software_statement);
  });

  it('is known to another replica at once: new, changed, and gone [RFC7592-2.3]', async () => {
    const here = await start();
    const there = await start({ registration: OPEN }, await open(migrations, { sameAs: store }));
    const answer = await register(here);
    const told = answer.json;
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(await tokenFor(there, told.client_id)).toMatchObject({ status: 200 });
    expect((await tokenFor(there, told.client_id, OTHER)).json.error).toBe('invalid_client');

    const body = { ...METADATA, client_id: told.client_id, grant_types: ['authorization_code'] };
    expect(await manage(here, told, 'PUT', OWN, body)).toMatchObject({ status: 200 });
    expect((await tokenFor(there, told.client_id)).json.error).toBe('unauthorized_client');

    expect(await manage(here, told, 'DELETE')).toMatchObject({ status: 204, text: '' });
    expect((await tokenFor(there, told.client_id)).json.error).toBe('invalid_client');
    expect((await manage(there, told, 'GET')).json.error).toBe('invalid_token');
    const revoked = await store.db.selectFrom('revocation').select(['id', 'cause']).execute();
    expect(revoked).toEqual([{ id: `client:${String(told.client_id)}`, cause: 'client_deleted' }]);
  });
});
