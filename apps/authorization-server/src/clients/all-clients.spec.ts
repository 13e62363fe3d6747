import { PROFILE } from '@holdfast/fapi/as';
import type { ClientRegistration, DynamicRegistration } from '@holdfast/fapi/as';
import { clientSigner } from '@holdfast/fapi/testing';
import { describe, expect, it } from 'vitest';
import { allClients } from './all-clients.ts';

const terms = { profile: PROFILE, profiles: ['fapi2-security'], detailTypes: [] } as const;
const configured = { find: async (id: string) => (id === 'first' ? ({ id, name: 'configured' } as never) : undefined) };

function registered(rows: Map<string, ClientRegistration>): DynamicRegistration {
  const registrations = { find: async (id: string) => rows.get(id) } as DynamicRegistration['registrations'];
  return {
    directory: { issuer: 'https://directory.test', keys: [] },
    authority: { hasIssued: () => false },
    configured: [],
    registrations,
    permitsUri: () => false,
  };
}
const row = (clientId: string, changes: Partial<ClientRegistration> = {}): ClientRegistration => ({
  clientId,
  issuedAt: new Date(0),
  profile: 'fapi2-security',
  metadata: {
    client_name: clientId,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [clientSigner().jwk] },
    dpop_bound_access_tokens: true,
    grant_types: ['client_credentials'],
  },
  statement: '',
  ...changes,
});

describe('all clients', () => {
  it('are those of the configuration alone where nobody may register', async () => {
    expect(await allClients(configured, undefined, terms, ['off']).find('dcr-1')).toBeUndefined();
    expect(await allClients(configured, undefined, terms, ['off']).find('first')).toMatchObject({ name: 'configured' });
  });

  it('do not hold one whose profile is not in force any more', async () => {
    const rows = new Map([['dcr-1', row('dcr-1', { profile: 'fapi1-advanced' })]]);
    expect(await allClients(configured, registered(rows), terms, ['off']).find('dcr-1')).toBeUndefined();
  });

  it('do not hold one whose metadata is not permitted any more', async () => {
    const metadata = { ...row('dcr-1').metadata, token_endpoint_auth_method: 'client_secret_post' };
    const rows = new Map([['dcr-1', row('dcr-1', { metadata })]]);
    expect(await allClients(configured, registered(rows), terms, ['off']).find('dcr-1')).toBeUndefined();
  });

  it('know one that was switched off', async () => {
    const rows = new Map([
      ['off', row('off')],
      ['on', row('on')],
    ]);
    const clients = allClients(configured, registered(rows), terms, ['off']);
    expect(await clients.find('off')).toMatchObject({ disabled: true });
    expect(await clients.find('on')).toMatchObject({ disabled: false });
  });

  it('never let a registration stand before the configuration', async () => {
    const rows = new Map([['first', row('first')]]);
    expect(await allClients(configured, registered(rows), terms, ['off']).find('first')).toMatchObject({
      name: 'configured',
    });
  });

  it('keep the keys of an unchanged registration as the same objects, and see a change and a removal at once', async () => {
    const rows = new Map([['dcr-1', row('dcr-1')]]);
    const clients = allClients(configured, registered(rows), terms, ['off']);
    const before = await clients.find('dcr-1');
    expect(await clients.find('dcr-1')).toBe(before);
    rows.set('dcr-1', row('dcr-1', { metadata: { ...row('dcr-1').metadata, client_name: 'renamed' } }));
    expect(await clients.find('dcr-1')).toMatchObject({ name: 'renamed' });
    rows.delete('dcr-1');
    expect(await clients.find('dcr-1')).toBeUndefined();
  });
});
