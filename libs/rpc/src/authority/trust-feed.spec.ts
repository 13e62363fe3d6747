import type { LiveTrust, TrustState } from '@holdfast/mtls';
import { liveTrust } from '@holdfast/mtls';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { serveRpc } from '../serve-rpc.ts';
import type { RpcServer } from '../serve-rpc.ts';
import { followTrustFeed, TrustFeed } from './index.ts';
import type { AcknowledgeRequest, FollowedFeed, TrustUpdate } from './index.ts';

const INSTANCE = 'i'.repeat(22);

const pki = throwAwayPki();
const service = (name: string, dnsNames: string[]) =>
  pki.mint({
    issuer: pki.services.intermediate,
    uris: [`spiffe://holdfast.test/${name}`],
    dnsNames,
    purpose: 'both',
  });
const bank = pki.leaf('bank/service');
const peer = pki.peer(bank);

const updateOf = ({ version, purposes }: TrustState): TrustUpdate => ({
  version,
  state: {
    purposes: Object.entries(purposes).map(([purpose, { issuer = '', ...rest }]) => ({ purpose, issuer, ...rest })),
  },
});

/** What the authority will send, and what it was told. Says nothing by itself. */
class Authority {
  readonly told: AcknowledgeRequest[] = [];
  readonly callers: string[] = [];
  streams = 0;
  #first: TrustUpdate = updateOf(pki.state());
  #send: (update: TrustUpdate) => void = () => {};
  #server: RpcServer | undefined;

  async open(leaf = service('certificate-authority', ['rpc.ca.localhost']), port = 0): Promise<number> {
    this.#server = await serveRpc({
      name: 'certificate-authority',
      address: { host: '127.0.0.1', port },
      identity: pki.identity(leaf),
      peers: pki.door('services'),
      callers: {
        'holdfast.authority.v1.TrustFeed/Watch': ['bank'],
        'holdfast.authority.v1.TrustFeed/Acknowledge': ['bank'],
        'grpc.health.v1.Health/Check': ['bank'],
        'grpc.health.v1.Health/Watch': ['bank'],
      },
      services: [
        {
          definition: TrustFeed,
          implementation: {
            watch: (_, { signal, caller }) => this.#watch(caller, signal),
            acknowledge: async (request) => {
              this.told.push(request);
              return {};
            },
          },
        },
      ],
    });
    return this.#server.port;
  }

  async *#watch(caller: string, signal: AbortSignal): AsyncGenerator<TrustUpdate> {
    this.streams += 1;
    this.callers.push(caller);
    const waiting = [this.#first];
    let wake: () => void = () => {};
    this.#send = (update) => {
      waiting.push(update);
      wake();
    };
    signal.addEventListener('abort', () => wake());
    while (!signal.aborted) {
      yield* waiting.splice(0);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  /** What a stream that is opened from now on begins with. */
  begin(update: TrustUpdate): void {
    this.#first = update;
  }

  /** Sends to the stream that is open. */
  send(update: TrustUpdate): void {
    this.#send(update);
  }

  close(): Promise<void> {
    return this.#server?.close() ?? Promise.resolve();
  }
}

let authority: Authority;
let feed: FollowedFeed | undefined;
let live: LiveTrust;
const clock = { at: Date.now(), now: () => new Date(clock.at) };
const refused: string[] = [];
const broken: unknown[] = [];
const strangers: string[] = [];
const held = [{ name: 'bank/service', thumbprint: peer.thumbprint, issuer: 'above', notAfter: peer.notAfter }];

beforeEach(() => {
  authority = new Authority();
  live = liveTrust({ ...pki.state(), version: 0 }, 'authority', clock.now());
  for (const list of [refused, broken, strangers]) list.length = 0;
});
afterEach(async () => {
  await feed?.close();
  await authority.close();
});

const follow = (port: number): void => {
  feed = followTrustFeed({
    target: `rpc.ca.localhost:${port}`,
    identity: pki.identity(bank),
    live,
    names: 'loopback',
    clock,
    held: () => held,
    instance: INSTANCE,
    onRefused: ({ message }) => refused.push(message),
    onBroken: (error) => broken.push(error),
    onRestored: () => broken.push('restored'),
    onServerRefused: ({ reason }) => strangers.push(reason),
  });
};
const status = () => live.of('services').revocations.statusOf(peer, clock.now());

describe('the feed of the authority is not believed', () => {
  it('from another service of ours, whatever its host name', async () => {
    const stranger = pki.mint({
      issuer: pki.services.intermediate,
      uris: ['spiffe://holdfast.test/certificate-authority', 'spiffe://holdfast.test/lab'],
      dnsNames: ['rpc.ca.localhost'],
      purpose: 'both',
    });
    const port = await authority.open();
    await authority.close();
    const identity = pki.identity(service('certificate-authority', ['rpc.ca.localhost']));
    const server = await serveRpc({
      name: 'certificate-authority',
      address: { host: '127.0.0.1', port },
      identity,
      peers: pki.door('services'),
      callers: { 'grpc.health.v1.Health/Check': ['bank'], 'grpc.health.v1.Health/Watch': ['bank'] },
      services: [],
    });
    identity.swap(stranger);
    follow(port);
    await expect.poll(() => strangers).toContain('identity_ambiguous');
    expect([live.version, status()]).toEqual([0, 'unknown']);
    await server.close();
  });

  it.each<[string, TrustUpdate, RegExp]>([
    ['when it leaves a purpose out', { version: 3, state: { purposes: [] } }, /speaks of nothing/],
    [
      'when its list is older than the one in force',
      updateOf(pki.state({ version: 3, thisUpdate: new Date(0) })),
      /older/,
    ],
    ['when it goes back', updateOf(pki.state({ version: 1, number: 9 })), /goes back/],
  ])('%s; what is in force stays and is not confirmed', async (_, update, message) => {
    const port = await authority.open();
    authority.begin(updateOf(pki.state({ version: 2 })));
    follow(port);
    await expect.poll(() => live.version).toBe(2);
    authority.begin(update);
    clock.at += 1_000;
    authority.send(update);
    await expect.poll(() => refused.join()).toMatch(message);
    expect(live.version).toBe(2);
    expect(live.confirmedAt).toEqual(new Date(clock.at - 1_000));
    authority.begin(updateOf(pki.state({ version: 4 })));
    await expect.poll(() => live.version).toBe(4);
  });

  it('when its heartbeat speaks of a version that is not in force: the whole state is asked for again', async () => {
    const port = await authority.open();
    follow(port);
    await expect.poll(() => live.version).toBe(1);
    authority.begin(updateOf(pki.state({ version: 2, revoked: [bank] })));
    const { confirmedAt } = live;
    clock.at += 1_000;
    authority.send({ version: 2 });
    await expect.poll(() => status()).toBe('revoked');
    expect([authority.streams, live.confirmedAt]).not.toEqual([1, confirmedAt]);
  });
});

describe('the feed of the authority', () => {
  it('puts a state in force at once, confirms with each heartbeat, and acknowledges every change once', async () => {
    const port = await authority.open();
    follow(port);
    await expect.poll(() => status()).toBe('good');
    await expect.poll(() => authority.told.length).toBe(1);
    clock.at += 2_000;
    authority.send({ version: 1 });
    await expect.poll(() => live.confirmedAt).toEqual(clock.now());
    const began = performance.now();
    authority.send(updateOf(pki.state({ version: 2, revoked: [pki.leaf('lab/service')] })));
    await expect.poll(() => live.version, { interval: 5 }).toBe(2);
    expect(performance.now() - began).toBeLessThan(500);
    await expect.poll(() => authority.told.length).toBe(2);
    held[0] = { ...held[0]!, issuer: 'next' };
    authority.send({ version: 2 });
    await expect.poll(() => authority.told.at(-1)?.certificates[0]?.issuer).toBe('next');
    authority.send({ version: 2 });
    await sleep(100);
    expect(authority.told.map(({ version }) => version)).toEqual([1, 2, 2]);
    expect(authority.told.map(({ instance }) => instance)).toEqual([INSTANCE, INSTANCE, INSTANCE]);
    expect(authority.told[0]?.certificates[0]).toMatchObject({
      name: 'bank/service',
      thumbprint: peer.thumbprint,
      notAfter: Math.floor(peer.notAfter.getTime() / 1000),
    });
    expect(new Set(authority.callers)).toEqual(new Set(['bank']));
  });

  it('hears of a process that ends, and does not keep it from ending when it is away', async () => {
    const port = await authority.open();
    follow(port);
    await expect.poll(() => authority.told.length).toBe(1);
    await feed?.close();
    expect(authority.told.at(-1)).toEqual({ instance: INSTANCE, version: 0, certificates: [] });
    follow(port);
    await expect.poll(() => authority.told.length).toBe(3);
    await authority.close();
    await feed?.close();
    expect(authority.told).toHaveLength(3);
  });

  it('is opened again after the authority was away, and after it fell silent', async () => {
    const port = await authority.open();
    follow(port);
    await expect.poll(() => live.version).toBe(1);
    await authority.close();
    await expect.poll(() => broken.length).toBe(1);
    authority.begin(updateOf(pki.state({ version: 2 })));
    await authority.open(undefined, port);
    await expect.poll(() => live.version).toBe(2);
    expect(broken).toMatchObject([{ code: 'unavailable' }, 'restored']);
    const { streams } = authority;
    await expect.poll(() => authority.streams).toBeGreaterThan(streams);
  });

  it('is reached when the last known lists have run out, and brings new ones', async () => {
    // As on a machine that slept for longer than a list lives.
    const past = new Date(clock.at - 60_000);
    live = liveTrust(
      { ...pki.state({ thisUpdate: new Date(clock.at - 120_000), nextUpdate: past }), version: 0 },
      'authority',
      past,
    );
    const port = await authority.open();
    expect(status()).toBe('unknown');
    follow(port);
    await expect.poll(() => status()).toBe('good');
  });

  it('is reached after the longest silence too, for it alone can end it', async () => {
    const port = await authority.open();
    expect(status()).toBe('unknown');
    follow(port);
    await expect.poll(() => status()).toBe('good');
  });
});
