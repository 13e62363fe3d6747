import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartUpError } from '@holdfast/host';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { describe, expect, it } from 'vitest';
import type { ClientConfig } from '../config.ts';
import { clientsFrom } from './client-registry.ts';

const home = mkdtempSync(join(tmpdir(), 'holdfast-clients-'));
const pki = throwAwayPki();
pki.write(home);
const trust = join(home, 'pki/trust/participants.pem');

const DETAILS = [{ type: 'account_information', actions: ['read_balances'], locations: ['https://bank.test'] }];
const client = (changes: Partial<ClientConfig> = {}): ClientConfig => ({
  id: 'first',
  name: 'First',
  tlsClientAuth: { kind: 'san_dns', value: 'first.test', issuer: 'participants intermediate' },
  redirectUris: ['https://first.test/callback'],
  scopes: ['openid'],
  authorizationDetailsTypes: ['account_information'],
  grantTypes: ['authorization_code'],
  ...changes,
});

describe('the registry of clients does not start', () => {
  it('when a client names an authority nobody trusts [RFC8705-7.4]', () => {
    const unknown = client({ tlsClientAuth: { kind: 'san_dns', value: 'first.test', issuer: 'other authority' } });
    expect(() => clientsFrom([unknown], DETAILS, trust)).toThrow(StartUpError);
    expect(() => clientsFrom([unknown], DETAILS, trust)).toThrow(/first.*other authority/);
  });

  it('when two clients share one id', () => {
    expect(() => clientsFrom([client(), client()], DETAILS, trust)).toThrow(/share one id/);
  });
});

describe('a registered client', () => {
  it('is pinned to the key of its authority [RFC8705-7.4]', async () => {
    const registered = await clientsFrom([client()], DETAILS, trust).find('first');
    expect(Buffer.from(registered?.authentication.issuer ?? [])).toEqual(pki.participants.intermediate.certificate.raw);
  });

  it('may use the types of details it registered for, and no other [RFC9396-10]', async () => {
    const none = await clientsFrom([client({ authorizationDetailsTypes: [] })], DETAILS, trust).find('first');
    expect(none?.detailTypes).toEqual([]);
    const some = await clientsFrom([client()], DETAILS, trust).find('first');
    expect(some?.detailTypes).toEqual(DETAILS);
  });
});
