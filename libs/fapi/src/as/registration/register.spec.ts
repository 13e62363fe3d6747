import type { PeerCertificate } from '@holdfast/mtls';
import { beforeEach, describe, expect, it } from 'vitest';
import { clientSigner } from '../../testing/client-signer.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { expectNoSecrets, expectRefusal, request } from '../../testing/engine-fixture.ts';
import type { Changes } from '../../testing/registration-desk.ts';
import { bearer, keys, METADATA, otherKeys, RegistrationDesk, stranger } from '../../testing/registration-desk.ts';
import { metadata as serverMetadata } from '../metadata/metadata.ts';
import { exchange } from '../token/exchange.ts';
import { deleteRegistration } from './manage.ts';
import { registerClient } from './register.ts';

let desk: RegistrationDesk;
let f: EngineFixture;
let third: PeerCertificate;
let fourth: PeerCertificate;
beforeEach(async () => {
  desk = await RegistrationDesk.open();
  ({ f, third, fourth } = desk);
});

type Arguments<K extends 'asked' | 'register' | 'statement'> = Parameters<RegistrationDesk[K]>;
const asked = (...args: Arguments<'asked'>) => desk.asked(...args);
const register = (...args: Arguments<'register'>) => desk.register(...args);
const statement = (...args: Arguments<'statement'>) => desk.statement(...args);
const refused = (...args: Parameters<RegistrationDesk['refused']>) => desk.refused(...args);
const honest = () => desk.honest();
const now = () => desk.now();

describe('registration is refused', () => {
  it('where nobody may register, and the metadata does not speak of it', async () => {
    const { registration, ...closed } = f.engine;
    expect(registration).toBeDefined();
    expect(serverMetadata(closed)).not.toHaveProperty('registration_endpoint');
    await refused(registerClient(closed, asked(METADATA)), 'not_found', 'route_unknown');
    expect(serverMetadata(f.engine)['registration_endpoint']).toBe('https://mtls.auth.test/register');
    await honest();
  });

  it('without a certificate, and with one of another authority [RFC8705-7.4]', async () => {
    await refused(register({}, undefined, null), 'invalid_client', 'certificate_missing');
    const lookalike = f.pki.mint({
      subject: 'CN=third,O=Third',
      dnsNames: ['third.test'],
      issuer: f.pki.services.intermediate,
    });
    await refused(register({}, undefined, f.pki.peer(lookalike)), 'invalid_client', 'certificate_issuer_mismatch');
    const expired = f.pki.peer(f.pki.leaf('lab/expired'));
    await refused(register({}, undefined, expired), 'invalid_client', 'certificate_expired');
    await honest();
  });

  it.each([[null], ['text'], [[]], [undefined]])('for a body that is no object: %j [RFC7591-3.1]', async (body) => {
    await refused(registerClient(f.engine, asked(body)), 'invalid_client_metadata', 'registration_body_malformed');
  });

  it.each<[string, Changes, Changes, string, string]>([
    ['of a type that is not that of statements', {}, { typ: 'JWT' }, 'invalid', 'type_wrong'],
    ['of no type [RFC8725-3.11]', {}, { typ: undefined }, 'invalid', 'type_wrong'],
    ['under a key the directory does not have', {}, { kid: 'directory-2' }, 'invalid', 'key_unknown'],
    ['of another directory', { iss: 'https://other.test' }, {}, 'unapproved', 'issuer_unknown'],
    ['of no directory', { iss: undefined }, {}, 'unapproved', 'issuer_unknown'],
    ['for another server', { aud: 'https://other.test' }, {}, 'invalid', 'audience_wrong'],
    ['that does not say when it was made', { iat: undefined }, {}, 'invalid', 'claims_missing'],
    ['that never ends', { exp: undefined }, {}, 'invalid', 'claims_missing'],
    ['that has ended', { iat: 1_780_000_000, exp: 1_780_000_600 }, {}, 'invalid', 'expired'],
    ['from the future', { iat: 1_790_000_000, exp: 1_790_000_600 }, {}, 'invalid', 'not_yet_valid'],
    ['without an id of its own', { jti: undefined }, {}, 'invalid', 'claims_missing'],
    ['without a software', { software_id: '' }, {}, 'invalid', 'claims_missing'],
    ['that names nobody', { tls_client_auth_san_dns: undefined }, {}, 'invalid', 'claims_missing'],
    ['that names two', { tls_client_auth_subject_dn: 'CN=third' }, {}, 'invalid', 'claims_missing'],
    ['without a profile', { profile: undefined }, {}, 'unapproved', 'profile_unknown'],
    ['with a profile nobody knows', { profile: 'fapi3' }, {}, 'unapproved', 'profile_unknown'],
    ['about somebody else', { tls_client_auth_san_dns: 'first.test' }, {}, 'unapproved', 'holder_mismatch'],
  ])('with a statement %s [RFC7591-3.2.2]', async (_what, claims, header, code, reason) => {
    const text = await statement(claims, header);
    await refused(register({}, text), `${code}_software_statement`, `software_statement_${reason}`);
    await honest();
  });

  it('with a statement that lives too long', async () => {
    const text = await statement({ exp: now() + 3601 });
    await refused(register({}, text), 'invalid_software_statement', 'software_statement_lives_too_long');
  });

  it('without a statement, with an unsigned one, or one the client signed itself [RFC7591-2.3]', async () => {
    const reason = (fault: string) => ['invalid_software_statement', `software_statement_${fault}`] as const;
    await refused(registerClient(f.engine, asked(METADATA)), ...reason('missing'));
    await refused(registerClient(f.engine, asked({ ...METADATA, software_statement: {} })), ...reason('missing'));
    await refused(register({}, 'not a jwt'), ...reason('malformed'));
    await refused(register({}, await statement({}, {}, stranger)), ...reason('signature_invalid'));
    const [, payload = ''] = (await statement()).split('.');
    const none = Buffer.from('{"alg":"none","typ":"software-statement+jwt"}').toString('base64url');
    await refused(register({}, `${none}.${payload}.`), ...reason('algorithm_not_allowed'));
    await honest();
  });

  it('with a statement somebody else was given: a copy is worth nothing in other hands', async () => {
    const stolen = await statement();
    await refused(register({}, stolen, fourth), 'unapproved_software_statement', 'software_statement_holder_mismatch');
    expect((await register({}, stolen)).client_id).toBeTypeOf('string');
  });

  it('with a statement that was used before, also after its client has gone', async () => {
    const once = await statement();
    const client = await register({}, once);
    await refused(register({}, once), 'invalid_software_statement', 'software_statement_replayed');
    await deleteRegistration(f.engine, asked(undefined, third, bearer(client)), client.client_id);
    await refused(register({}, once), 'invalid_software_statement', 'software_statement_replayed');
    await honest();
  });

  it.each<[string, Changes, string, string]>([
    [
      'no authentication',
      { token_endpoint_auth_method: 'none' },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'a shared secret',
      { token_endpoint_auth_method: 'client_secret_basic' },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'no method at all',
      { token_endpoint_auth_method: undefined },
      'invalid_client_metadata',
      'client_metadata_malformed',
    ],
    [
      'the name of another client',
      { tls_client_auth_san_dns: 'first.test' },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'a name beside the one vouched for',
      { tls_client_auth_subject_dn: 'CN=first' },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'keys of another client',
      { jwks: { keys: [otherKeys.jwk] } },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'keys elsewhere',
      { jwks_uri: 'https://169.254.169.254/' },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'a redirect URI of another client',
      { redirect_uris: ['https://first.test/callback'] },
      'invalid_redirect_uri',
      'redirect_uri_not_allowed',
    ],
    [
      'a redirect URI of its own host that nobody vouched for',
      { redirect_uris: ['https://third.test/callback?x'] },
      'invalid_redirect_uri',
      'redirect_uri_not_allowed',
    ],
    ['no redirect URI', { redirect_uris: [] }, 'invalid_redirect_uri', 'redirect_uri_missing'],
    [
      'tokens bound to nothing',
      { tls_client_certificate_bound_access_tokens: false },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    ['the implicit grant', { grant_types: ['implicit'] }, 'invalid_client_metadata', 'client_metadata_not_allowed'],
    [
      'CIBA under a profile without it',
      { grant_types: ['urn:openid:params:grant-type:ciba'] },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    ['a scope nobody knows', { scope: 'openid admin' }, 'invalid_client_metadata', 'client_metadata_not_allowed'],
  ])('for metadata with %s [RFC7591-3.2.2]', async (_what, changes, code, reason) => {
    await refused(register(changes), code, reason);
    await honest();
  });

  it('for keys at an address this server does not call, although the directory vouches for it', async () => {
    const text = await statement({ jwks: undefined, jwks_uri: 'https://10.0.0.1/jwks' });
    await refused(register({}, text), 'invalid_client_metadata', 'client_metadata_not_allowed', { member: 'jwks_uri' });
    const good = await statement({ jwks: undefined, jwks_uri: 'https://keys.test/jwks' });
    expect(await register({}, good)).toMatchObject({ jwks_uri: 'https://keys.test/jwks' });
  });

  it('for what belongs to a client of the configuration: its certificate, its key, its redirect URI', async () => {
    const [code, reason] = ['invalid_client_metadata', 'client_identifier_taken'] as const;
    const about = { tls_client_auth_san_dns: 'first.test', software_redirect_uris: ['https://third.test/callback'] };
    const own = await statement(about);
    await refused(register({}, own, f.peers.first), code, reason, { kind: 'san_dns' });
    // By another of the names in the same certificate, which the first client did not register.
    const twin = f.pki.peer(f.pki.mint({ subject: 'CN=twin', dnsNames: ['twin.test', 'first.test'] }));
    await refused(register({}, await statement({ tls_client_auth_san_dns: 'twin.test' }), twin), code, reason);
    const renamed = { ...otherKeys.jwk, kid: 'renamed' };
    await refused(register({}, await statement({ jwks: { keys: [renamed] } })), code, reason, { kind: 'key' });
    const uri = 'https://first.test/callback';
    const vouched = await statement({ software_redirect_uris: [uri] });
    await refused(register({ redirect_uris: [uri] }, vouched), 'invalid_redirect_uri', reason, {
      kind: 'redirect_uri',
    });
    await honest();
  });

  it('for what belongs to a client that registered itself', async () => {
    await register();
    const [code, reason] = ['invalid_client_metadata', 'client_identifier_taken'] as const;
    await refused(register(), code, reason, { kind: 'subject_dn' });
    const aboutFourth = { tls_client_auth_san_dns: 'fourth.test', software_id: 'software-4' };
    await refused(register({}, await statement(aboutFourth), fourth), code, reason, { kind: 'key' });
    const ownKeys = { ...aboutFourth, jwks: { keys: [clientSigner().jwk] } };
    await refused(register({}, await statement(ownKeys), fourth), 'invalid_redirect_uri', reason);
    const uris = ['https://fourth.test/callback'];
    const good = await statement({ ...ownKeys, software_redirect_uris: uris });
    expect(await register({ redirect_uris: uris }, good, fourth)).toMatchObject({ redirect_uris: uris });
  });
});

describe('a registered client', () => {
  it('is told everything it is registered with, the directory’s word before its own [RFC7591-3.2.1]', async () => {
    const text = await statement();
    const told = await register({ client_name: 'The Bank', nobody_knows: 'this', client_id: 'first' }, text);
    expect(told).toMatchObject({
      client_name: 'Third',
      client_id_issued_at: now(),
      registration_client_uri: `https://mtls.auth.test/register/${told.client_id}`,
      software_statement: text,
      redirect_uris: ['https://third.test/callback'],
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'third.test',
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
      jwks: { keys: [keys.jwk] },
    });
    expect(told).not.toHaveProperty('nobody_knows');
    expect(told.registration_access_token).toMatch(/^[\w-]{43}$/);
    expect(f.events.at(-1)).toMatchObject({
      action: 'registration.register',
      outcome: 'allowed',
      client: told.client_id,
      presentedThumbprint: third.thumbprint,
      evidence: { software: 'software-3' },
    });
    expectNoSecrets(f, [text, told.registration_access_token]);
  });

  it('gets tokens with its certificate, and nobody else does [RFC8705-2.1]', async () => {
    const { client_id: clientId } = await register();
    const form = { grant_type: 'client_credentials', client_id: clientId };
    await expectRefusal(f, exchange(f.engine, request(form, fourth)), 'invalid_client', 'certificate_subject_mismatch');
    expect(await exchange(f.engine, request(form, third))).toMatchObject({ scope: 'grant_management_query' });
  });
});
