import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartUpError } from '@holdfast/host';
import type { IssuerPin, TrustSource } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { describe, expect, it } from 'vitest';
import type { ClientConfig, Config } from '../config.ts';
import { clientsFrom } from './client-registry.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-clients-'));
const pki = throwAwayPki();
pki.write(home);

const DETAILS = [{ type: 'account_information', actions: ['read_balances'], locations: ['https://bank.test'] }];
const METADATA = {
  client_name: 'First',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'first.test',
  tls_client_certificate_bound_access_tokens: true,
  redirect_uris: ['https://first.test/callback'],
  grant_types: ['authorization_code'],
  scope: 'openid',
  authorization_details_types: ['account_information'],
};
const client = (changes: Partial<ClientConfig> = {}, metadata: Record<string, unknown> = {}): ClientConfig => ({
  client_id: 'first',
  profile: 'fapi2-security',
  authority: 'participants intermediate',
  disabled: false,
  ...changes,
  metadata: { ...METADATA, ...metadata },
});

const registry = (
  clients: readonly ClientConfig[],
  changes: Partial<Config> = {},
  trust = pki.door('participants').trust,
) =>
  clientsFrom(
    {
      config: {
        profiles: ['fapi2-security'],
        authorizationDetails: DETAILS,
        clientFiles: [],
        clients,
        ...changes,
      } as unknown as Config,
      path: (file) => join(home, file),
    },
    trust,
  );

describe('the registry of clients does not start', () => {
  it('when a client names an authority nobody trusts [RFC8705-7.4]', () => {
    const unknown = [client({ authority: 'other authority' })];
    expect(() => registry(unknown)).toThrow(StartUpError);
    expect(() => registry(unknown)).toThrow(/first.*other authority/);
  });

  it('when two clients share one id, also across files', () => {
    expect(() => registry([client(), client()])).toThrow(/share one id/);
    writeFileSync(join(home, 'more.json'), JSON.stringify({ clients: [client()] }));
    expect(() => registry([client()], { clientFiles: ['more.json'] })).toThrow(/share one id/);
  });

  it('when a client is registered under a profile that is not in force', () => {
    expect(() => registry([client({ profile: 'fapi1-advanced' })])).toThrow(/fapi1-advanced is not in force/);
  });

  it('when the metadata of a client breaks a rule, and says which [RFC7591-2]', () => {
    expect(() => registry([client({}, { token_endpoint_auth_method: 'client_secret_basic' })])).toThrow(
      /first.*token_endpoint_auth_method/,
    );
  });

  it('when somebody misspelt a member', () => {
    expect(() => registry([client({}, { redirect_uri: 'https://first.test/callback' })])).toThrow(/"redirect_uri"/);
  });

  it.each([
    ['are not there', 'absent.json', {}, /first.*keys cannot be read/],
    ['are no key set', 'empty.json', {}, /first.*jwks/],
    ['stand in the metadata too', 'empty.json', { jwks: { keys: [] } }, /first.*in its metadata and in a file/],
  ])('when the keys of a client %s', (_, jwksFile, metadata, message) => {
    writeFileSync(join(home, 'empty.json'), '{"keys":[]}');
    expect(() => registry([client({ jwksFile }, metadata)])).toThrow(message);
  });

  it('when a client file cannot be read', () => {
    writeFileSync(join(home, 'torn.json'), '{"clients":[');
    expect(() => registry([client()], { clientFiles: ['torn.json'] })).toThrow(StartUpError);
  });
});

describe('a registered client', () => {
  const pinOf = async (trust?: TrustSource): Promise<IssuerPin> => {
    const found = await registry([client()], {}, trust).find('first');
    if (found?.authentication.method !== 'tls_client_auth') throw new Error('registered otherwise');
    return found.authentication.authority;
  };

  it('is pinned to the key of its authority: another of the same name vouches for nobody [RFC8705-7.4]', async () => {
    const pin = await pinOf();
    expect(pin.hasIssued(pki.peer(pki.mint({ issuer: pki.rogue().intermediate })))).toBe(false);
    expect(pin.hasIssued(pki.peer(pki.mint({ issuer: pki.services.intermediate })))).toBe(false);
    expect(pin.hasIssued(pki.peer(pki.mint()))).toBe(true);
  });

  it('follows a rotation of its authority: both while they overlap, then the new one alone [RFC8705-7.4]', async () => {
    const live = pki.live();
    const pin = await pinOf(live.of('participants').trust);
    const next = pki.rogue();
    const [old, renewed] = [pki.peer(pki.mint()), pki.peer(pki.mint({ issuer: next.intermediate }))];
    const vouches = (): boolean[] => [pin.hasIssued(old), pin.hasIssued(renewed)];
    const apply = (version: number, ...participants: (typeof next)[]): void =>
      live.apply(pki.state({ version, authorities: { participants } }), new Date());
    expect(vouches()).toEqual([true, false]);
    apply(2, pki.participants, next);
    expect(vouches()).toEqual([true, true]);
    apply(3, next);
    expect(vouches()).toEqual([false, true]);
  });

  it('may use the types of details it registered for, and no other [RFC9396-10]', async () => {
    const none = await registry([client({}, { authorization_details_types: [] })]).find('first');
    expect(none?.detailTypes).toEqual([]);
    expect((await registry([client()]).find('first'))?.detailTypes).toEqual(DETAILS);
  });

  it('comes from a file beside the configuration too, and a file that is not there holds none', async () => {
    writeFileSync(join(home, 'third.json'), JSON.stringify({ clients: [client({ client_id: 'third' })] }));
    const clients = registry([client()], { clientFiles: ['third.json', 'absent.json'] });
    expect(await clients.find('third')).toMatchObject({ id: 'third' });
    expect(await clients.find('first')).toMatchObject({ id: 'first' });
    expect(await clients.find('fourth')).toBeUndefined();
  });

  it('may have its keys in a file of their own [RFC7591-2]', async () => {
    const { kty, crv, x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const key = { kty, crv, x, y, kid: 'one' };
    writeFileSync(join(home, 'first.jwks.json'), JSON.stringify({ keys: [key] }));
    const signs = { token_endpoint_auth_method: 'private_key_jwt', tls_client_auth_san_dns: undefined };
    const registered = await registry([client({ jwksFile: 'first.jwks.json' }, signs)]).find('first');
    expect(registered).toMatchObject({
      authentication: { method: 'private_key_jwt', algorithm: 'ES256' },
      jwks: { kind: 'inline', keys: [key] },
    });
  });

  it('is known as disabled', async () => {
    expect(await registry([client({ disabled: true })]).find('first')).toMatchObject({ disabled: true });
  });
});
