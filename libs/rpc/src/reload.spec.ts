import type { PeerTrust } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import type { TrustDomain } from '@holdfast/mtls/testing';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { TokenStatus } from './authorization/index.ts';
import { connectRpc } from './connect-rpc.ts';
import { world } from './testing/bank-service.ts';
import { underLoad } from './testing/load.ts';
import type { Leaf } from './testing/raw-caller.ts';

const { pki, serve, connect, settings, closeLater } = world();

const HOUR = 3_600_000;
const LIST = 'holdfast.bank.v1.AccountDirectory/ListShareableAccounts';
const renewed = (service: 'bank' | 'authorization-server', odd: Parameters<typeof pki.mint>[0] = {}) =>
  pki.mint({
    issuer: pki.services.intermediate,
    uris: [`spiffe://holdfast.test/${service}`],
    dnsNames: [service === 'bank' ? 'rpc.bank.localhost' : 'rpc.auth.localhost'],
    purpose: 'both',
    ...odd,
  });
const thumbprintOf = (leaf: Leaf) => pki.peer(leaf).thumbprint;

/** Another root for the same services, of the same names, as during a rotation. */
const next = throwAwayPki().services;
const ours = pki.services;
const both = [ours, next];

/** The services' door, from these authorities and then from others. */
function doorOf(...first: readonly TrustDomain[]): PeerTrust & { swap(...domains: readonly TrustDomain[]): void } {
  const live = pki.live();
  const door = live.of('services');
  const swap = (...services: readonly TrustDomain[]): void =>
    live.apply(pki.state({ version: live.version + 1, authorities: { services } }), new Date());
  swap(...first);
  return { trust: door.trust, revocations: door.revocations, swap };
}

/** What a new connection is shown. */
async function presentedBy(port: number): Promise<string> {
  const { certificatePem: cert, keyPem: key } = pki.leaf('authorization-server/service');
  const to = { host: '127.0.0.1', port, servername: 'rpc.bank.localhost', ALPNProtocols: ['h2'] };
  const socket = connectTls({ ...to, ca: both.map(({ trust }) => trust.pem).join(''), cert, key });
  await once(socket, 'secureConnect');
  const leaf = socket.getPeerX509Certificate()!;
  socket.destroy();
  return pki.peer({ certificate: leaf } as Leaf).thumbprint;
}

describe('an authority that is no longer trusted', () => {
  it('lets nobody in, and what it had let in is asked to come again', async () => {
    const peers = doorOf(...both);
    const { port, decisions } = await serve({}, { peers });
    const identity = pki.identity(renewed('authorization-server', { issuer: next.intermediate }));
    const client = connect(port, { identity });
    await client.listShareableAccounts({ customerId: 'x' });
    const watcher = connectRpc(TokenStatus, { ...settings(port), identity });
    closeLater(watcher);
    const updates = watcher.watchRevocations({ sinceCursor: 0 })[Symbol.asyncIterator]();
    await updates.next();
    const calls = () => decisions.filter(({ method }) => method !== undefined);
    const before = calls().length;

    peers.swap(ours);
    const reading = (async () => {
      while (!(await updates.next()).done);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'unavailable' });
    await expect(client.listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(calls()).toHaveLength(before);
    await expect.poll(() => decisions.at(-1)).toMatchObject({ method: undefined, reason: 'certificate_untrusted' });
    // Whoever comes from an authority that stayed is served as before.
    await connect(port).listShareableAccounts({ customerId: 'x' });
  });

  it('is not believed about a server either', async () => {
    const { port, identity, decisions } = await serve();
    identity.swap(renewed('bank', { issuer: next.intermediate }));
    const serverTrust = doorOf(...both);
    const client = connect(port, { serverTrust });
    await client.listShareableAccounts({ customerId: 'x' });
    serverTrust.swap(ours);
    await expect(client.listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(decisions).toHaveLength(1);
  });
});

describe('under load, without a failed call', () => {
  it('the server renews its certificate', async () => {
    const { port, identity } = await serve();
    const client = connect(port);
    const load = underLoad(() => client.listShareableAccounts({ customerId: 'x' }));
    await load.more(50);
    for (let renewal = 0; renewal < 5; renewal++) {
      const leaf = renewed('bank');
      identity.swap(leaf);
      expect(await presentedBy(port)).toBe(thumbprintOf(leaf));
      await load.more(50);
    }
    expect(await load.stop()).toEqual([]);
  });

  it('the caller renews its certificate, and uses the new one at once', async () => {
    const { port, decisions } = await serve();
    const identity = pki.identity('authorization-server/service');
    const client = connect(port, { identity });
    const load = underLoad(() => client.listShareableAccounts({ customerId: 'x' }));
    await load.more(50);
    for (let renewal = 0; renewal < 5; renewal++) {
      const leaf = renewed('authorization-server');
      identity.swap(leaf);
      await client.listShareableAccounts({ customerId: 'x' });
      await load.more(50);
      expect(decisions.at(-1)).toMatchObject({ method: LIST, thumbprint: thumbprintOf(leaf) });
    }
    expect(await load.stop()).toEqual([]);
    expect(new Set(decisions.map(({ thumbprint }) => thumbprint)).size).toBe(6);
  });

  it('both change to another authority and the old one is dropped', async () => {
    const peers = doorOf(ours);
    const serverTrust = doorOf(ours);
    const { port, identity: bank } = await serve({}, { peers });
    const identity = pki.identity('authorization-server/service');
    const client = connect(port, { identity, serverTrust });
    const load = underLoad(() => client.listShareableAccounts({ customerId: 'x' }));
    const steps = [
      () => [peers, serverTrust].forEach((each) => each.swap(...both)),
      () => bank.swap(renewed('bank', { issuer: next.intermediate })),
      () => identity.swap(renewed('authorization-server', { issuer: next.intermediate })),
      () => [peers, serverTrust].forEach((each) => each.swap(next)),
    ];
    for (const step of steps) {
      await load.more(50);
      step();
    }
    await load.more(50);
    expect(await load.stop()).toEqual([]);
  });
});

describe('a renewed certificate', () => {
  it('carries on where the expired one is refused', async () => {
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const { port } = await serve({}, { clock });
    const identity = pki.identity(renewed('authorization-server', { notAfter: new Date(clock.at + HOUR) }));
    const client = connect(port, { identity });
    await client.listShareableAccounts({ customerId: 'x' });
    clock.at += 2 * HOUR;
    await expect(client.listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    identity.swap(renewed('authorization-server'));
    await client.listShareableAccounts({ customerId: 'x' });
  });

  it('lets a call in flight finish on the connection of the old one', async () => {
    const { port } = await serve({
      introspect: async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return { active: true };
      },
    });
    const identity = pki.identity('bank/service');
    const client = connectRpc(TokenStatus, { ...settings(port), identity });
    closeLater(client);
    const inFlight = client.introspect({ tokenId: 't', grantId: 'g' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    identity.swap(renewed('bank'));
    expect(await inFlight).toEqual({ active: true });
    expect(await client.introspect({ tokenId: 't', grantId: 'g' })).toEqual({ active: true });
  });
});
