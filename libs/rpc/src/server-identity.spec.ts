import { throwAwayPki } from '@holdfast/mtls/testing';
import { describe, expect, it } from 'vitest';
import { AccountDirectory } from './bank/index.ts';
import { connectRpc } from './connect-rpc.ts';
import type { ServerRefusal } from './server-identity.ts';
import { ACCOUNT, world } from './testing/bank-service.ts';
import type { Leaf } from './testing/raw-caller.ts';

const { pki, serve, connect, settings, closeLater } = world();

const HOUR = 3_600_000;
const uri = (service: string) => `spiffe://holdfast.test/${service}`;
/** The bank's internal certificate, odd in one respect. */
const almost = (odd: Parameters<typeof pki.mint>[0] = {}) =>
  pki.mint({
    issuer: pki.services.intermediate,
    uris: [uri('bank')],
    dnsNames: ['rpc.bank.localhost'],
    purpose: 'both',
    ...odd,
  });

/** Somebody at the bank's address, with `leaf`. It boots with a good certificate and swaps it, as a thief would not wait. */
async function impostor(leaf: Leaf): Promise<{ port: number; asked: () => number }> {
  const { port, identity, decisions } = await serve();
  identity.swap(leaf);
  return { port, asked: () => decisions.length };
}

describe('the client refuses', () => {
  const named: [string, () => Leaf, Partial<ServerRefusal>][] = [
    [
      "another service's certificate, host name and all",
      () => almost({ uris: [uri('lab')] }),
      { reason: 'identity_mismatch', presented: [uri('lab')] },
    ],
    [
      "the other service's own certificate",
      () => pki.leaf('authorization-server/service'),
      { reason: 'identity_mismatch', presented: [uri('authorization-server')] },
    ],
    ['two names', () => almost({ uris: [uri('bank'), uri('lab')] }), { reason: 'identity_ambiguous' }],
    ['a host name without a service name', () => almost({ uris: [] }), { reason: 'identity_missing' }],
    [
      'the service name on another host',
      () => almost({ dnsNames: ['rpc.auth.localhost'] }),
      { reason: 'name_mismatch' },
    ],
    [
      'a host name that is only the common name',
      () => almost({ dnsNames: [], subject: 'CN=rpc.bank.localhost' }),
      { reason: 'name_mismatch' },
    ],
    [
      'a certificate without any extended key usage',
      () => almost({ purpose: 'none' }),
      { reason: 'certificate_wrong_purpose' },
    ],
  ];
  it.each(named)('%s', async (_, leaf, refusal) => {
    const { port, asked } = await impostor(leaf());
    const refusals: ServerRefusal[] = [];
    const client = connect(port, { onServerRefused: (each) => refusals.push(each) });
    await expect(client.listShareableAccounts({ customerId: 'cus-alice-7302' })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(refusals[0]).toMatchObject({ target: `rpc.bank.localhost:${port}`, expected: 'bank', ...refusal });
    expect(asked()).toBe(0);
  });

  const unverified: [string, () => Leaf][] = [
    ['a rogue authority', () => almost({ issuer: throwAwayPki().services.intermediate })],
    ['an expired certificate', () => almost({ notBefore: new Date(0), notAfter: new Date(Date.now() - HOUR) })],
    ['a certificate for clients only', () => almost({ purpose: 'client' })],
    ["the web's authority, whatever it says", () => almost({ issuer: pki.web.intermediate })],
  ];
  it.each(unverified)('%s', async (_, leaf) => {
    const { port, asked } = await impostor(leaf());
    const refusals: ServerRefusal[] = [];
    const client = connect(port, { onServerRefused: (each) => refusals.push(each) });
    await expect(client.listShareableAccounts({ customerId: 'cus-alice-7302' })).rejects.toMatchObject({
      code: 'unavailable',
    });
    await expect(client.ready(200)).rejects.toMatchObject({ code: 'unavailable' });
    // OpenSSL had refused before we were asked: our look can only take away.
    expect([refusals, asked()]).toEqual([[], 0]);
  });

  it('a server whose certificate has run out on the open channel, until it has a new one', async () => {
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const { port, identity, decisions } = await serve();
    identity.swap(almost({ notAfter: new Date(clock.at + HOUR) }));
    const client = connect(port, { clock });
    await client.listShareableAccounts({ customerId: 'cus-alice-7302' });
    clock.at += 2 * HOUR;
    identity.swap(almost({ uris: [uri('lab')] }));
    await expect(client.listShareableAccounts({ customerId: 'cus-alice-7302' })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(decisions).toHaveLength(1);
    identity.swap(almost());
    await client.ready(3000);
    expect(await client.listShareableAccounts({ customerId: 'cus-alice-7302' })).toEqual({ accounts: [ACCOUNT] });
  });
});

describe('a client does not boot', () => {
  it.each([
    ['without a port', { target: 'rpc.bank.localhost' }],
    ['with a URL', { target: 'https://rpc.bank.localhost:9545' }],
    ['with a scheme of its own', { target: 'ipv4:127.0.0.1:9545' }],
    ['with an empty target', { target: '' }],
    ['expecting nobody', { expect: '' }],
    ['expecting anybody', { expect: 'spiffe://holdfast.test/*' }],
    ['expecting somebody of elsewhere', { expect: 'spiffe://holdfast.example/bank' }],
    ['without a deadline', { deadlineMs: 0 }],
    ['with a deadline that never comes', { deadlineMs: Number.POSITIVE_INFINITY }],
    ['with a deadline that is none', { deadlineMs: Number.NaN }],
  ])('%s', (_, odd) => {
    expect(() => connectRpc(AccountDirectory, { ...settings(9545), ...odd })).toThrow(
      expect.objectContaining({ name: 'RpcConfigError', remedy: expect.any(String) }),
    );
  });
});

describe('the client accepts', () => {
  it('the service that was meant, under the name that was called', async () => {
    const { port } = await impostor(almost());
    const client = connectRpc(AccountDirectory, { ...settings(port), expect: 'bank' });
    closeLater(client);
    await client.ready(2000);
    expect(await client.listShareableAccounts({ customerId: 'cus-alice-7302' })).toEqual({ accounts: [ACCOUNT] });
  });
});
