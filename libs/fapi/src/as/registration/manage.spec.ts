import type { PeerCertificate } from '@holdfast/mtls';
import { beforeEach, describe, expect, it } from 'vitest';
import { clientSigner } from '../../testing/client-signer.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { expectNoSecrets, expectRefusal, request } from '../../testing/engine-fixture.ts';
import type { Changes } from '../../testing/registration-desk.ts';
import { bearer, METADATA, otherKeys, RegistrationDesk } from '../../testing/registration-desk.ts';
import { isTokenAlive } from '../introspection/token-status.ts';
import { exchange } from '../token/exchange.ts';
import type { ClientInformation } from './client-information.ts';
import { deleteRegistration, readRegistration, updateRegistration } from './manage.ts';

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

describe('a registration is not managed', () => {
  let mine: ClientInformation;
  let uri: string;
  beforeEach(async () => {
    mine = await register();
    uri = mine.client_id;
  });

  const all = (peer: typeof third | null, authorization: readonly string[], id = uri) => [
    () => readRegistration(f.engine, asked(undefined, peer, authorization), id),
    () => updateRegistration(f.engine, asked({ ...METADATA, client_id: id }, peer, authorization), id),
    () => deleteRegistration(f.engine, asked(undefined, peer, authorization), id),
  ];
  const unharmed = async () =>
    expect(await readRegistration(f.engine, asked(undefined, third, bearer(mine)), uri)).toEqual(mine);

  it.each<[string, () => readonly string[], string]>([
    ['without a token', () => [], 'registration_token_missing'],
    ['with a wrong token', () => [`Bearer ${'A'.repeat(43)}`], 'registration_token_wrong'],
    [
      'with the token as another scheme',
      () => bearer(mine).map((each) => each.replace('Bearer', 'DPoP')),
      'registration_token_wrong',
    ],
    ['with two tokens', () => [...bearer(mine), ...bearer(mine)], 'registration_token_wrong'],
  ])('%s [RFC7592-2]', async (_what, authorization, reason) => {
    for (const attempt of all(third, authorization())) {
      const error = await expectRefusal(f, attempt(), 'invalid_token', reason);
      expect([error.status, error.wwwAuthenticate]).toEqual([401, expect.stringMatching(/^Bearer/)]);
    }
    await unharmed();
  });

  it('with a token that leaked, by whoever has another certificate or none', async () => {
    for (const attempt of all(fourth, bearer(mine)))
      await expectRefusal(f, attempt(), 'invalid_client', 'certificate_subject_mismatch');
    for (const attempt of all(null, bearer(mine)))
      await expectRefusal(f, attempt(), 'invalid_client', 'certificate_missing');
    expectNoSecrets(f, [mine.registration_access_token]);
    await unharmed();
  });

  it('by a client that was switched off', async () => {
    const { clients } = f.engine;
    const find = async (id: string) => {
      const client = await clients.find(id);
      return client && { ...client, disabled: true };
    };
    Object.assign(f.engine, { clients: { find } });
    for (const attempt of all(third, bearer(mine)))
      await expectRefusal(f, attempt(), 'invalid_client', 'client_disabled');
    Object.assign(f.engine, { clients });
    await unharmed();
  });

  it('by another registered client, and not when it is one of the configuration', async () => {
    const uris = ['https://fourth.test/callback'];
    const about = { tls_client_auth_san_dns: 'fourth.test', jwks: undefined, software_redirect_uris: uris };
    const other = await register({ redirect_uris: uris }, await statement(about), fourth);
    for (const attempt of all(fourth, bearer(other)))
      await expectRefusal(f, attempt(), 'invalid_token', 'registration_token_wrong');
    for (const attempt of all(f.peers.first, bearer(mine), 'first'))
      await expectRefusal(f, attempt(), 'invalid_token', 'registration_token_wrong');
    await unharmed();
  });

  it.each<[string, Changes, string, string]>([
    ['without its id', { client_id: undefined }, 'invalid_client_metadata', 'client_metadata_malformed'],
    ['under the id of another', { client_id: 'first' }, 'invalid_client_metadata', 'client_metadata_malformed'],
    [
      'with a token of the client’s choice',
      { registration_access_token: 'x' },
      'invalid_client_metadata',
      'client_metadata_malformed',
    ],
    ['with a secret', { client_secret: 'x' }, 'invalid_client_metadata', 'client_metadata_malformed'],
    [
      'to no authentication',
      { token_endpoint_auth_method: 'none' },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'to the keys of another client',
      { jwks: { keys: [otherKeys.jwk] } },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'to the name of another client',
      { tls_client_auth_san_dns: 'first.test' },
      'invalid_client_metadata',
      'client_metadata_not_allowed',
    ],
    [
      'to a redirect URI of another client',
      { redirect_uris: ['https://first.test/callback'] },
      'invalid_redirect_uri',
      'redirect_uri_not_allowed',
    ],
  ])('by an update %s [RFC7592-2.2]', async (_what, changes, code, reason) => {
    const body = { ...METADATA, client_id: uri, ...changes };
    await expectRefusal(f, updateRegistration(f.engine, asked(body, third, bearer(mine)), uri), code, reason);
    await unharmed();
  });

  it('by an update with a statement about other software, or one that was used before', async () => {
    const update = (text: string) =>
      updateRegistration(
        f.engine,
        asked({ ...METADATA, client_id: uri, software_statement: text }, third, bearer(mine)),
        uri,
      );
    const other = await statement({ software_id: 'software-4' });
    await expectRefusal(f, update(other), 'unapproved_software_statement', 'software_statement_other_software');
    const next = await statement();
    await update(next);
    await update(await statement());
    await expectRefusal(f, update(next), 'invalid_software_statement', 'software_statement_replayed');
  });
});

describe('its owner', () => {
  let mine: ClientInformation;
  beforeEach(async () => {
    mine = await register();
  });
  const update = (body: Changes) =>
    updateRegistration(
      f.engine,
      asked({ ...METADATA, client_id: mine.client_id, ...body }, third, bearer(mine)),
      mine.client_id,
    );

  it('replaces a registration as a whole: what is left out is gone [RFC7592-2.2]', async () => {
    const { scope: _, ...rest } = METADATA;
    const body = { ...rest, client_id: mine.client_id, redirect_uris: ['https://third.test/other'] };
    const told = await updateRegistration(f.engine, asked(body, third, bearer(mine)), mine.client_id);
    expect(told).toMatchObject({ redirect_uris: ['https://third.test/other'], client_name: 'Third' });
    expect(told).not.toHaveProperty('scope');
    expect(await f.engine.clients.find(mine.client_id)).toMatchObject({ scopes: [], redirectUris: body.redirect_uris });
  });

  it('may send back what it was told, hours after its statement has ended', async () => {
    f.clock.advance(7200);
    const { registration_access_token: _t, registration_client_uri: _u, client_id_issued_at: _i, ...told } = mine;
    expect(await update(told)).toEqual(mine);
  });

  it('goes on with a renewed certificate, because the name counts', async () => {
    const renewed = f.pki.peer(f.pki.mint({ subject: 'CN=third,O=Third', dnsNames: ['third.test'] }));
    expect(renewed.thumbprint).not.toBe(third.thumbprint);
    const again = asked(undefined, renewed, bearer(mine));
    expect(await readRegistration(f.engine, again, mine.client_id)).toEqual(mine);
  });

  it('rolls its keys over with a new statement', async () => {
    const next = clientSigner('ES256', 'next');
    expect(await update({ software_statement: await statement({ jwks: { keys: [next.jwk] } }) })).toMatchObject({
      jwks: { keys: [next.jwk] },
    });
  });

  it('ends it, with everything that was issued to it [RFC7592-2.3]', async () => {
    const form = { grant_type: 'client_credentials', client_id: mine.client_id };
    await exchange(f.engine, request(form, third));
    expect(await isTokenAlive(f.engine, 'token-1', `client:${mine.client_id}`)).toBe(true);
    await deleteRegistration(f.engine, asked(undefined, third, bearer(mine)), mine.client_id);
    expect(await isTokenAlive(f.engine, 'token-1', `client:${mine.client_id}`)).toBe(false);
    const told = await f.state.revocationsSince(new Date(0), f.clock.now());
    expect(told).toMatchObject([{ kind: 'grant', id: `client:${mine.client_id}` }]);
    await expectRefusal(f, exchange(f.engine, request(form, third)), 'invalid_client', 'client_unknown');
    const again = readRegistration(f.engine, asked(undefined, third, bearer(mine)), mine.client_id);
    await expectRefusal(f, again, 'invalid_token', 'registration_token_wrong');
    await desk.honest();
  });
});
