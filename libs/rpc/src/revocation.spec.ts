import type { LiveTrust } from '@holdfast/mtls';
import { liveTrust, TRUST_FRESHNESS } from '@holdfast/mtls';
import { connect as connectHttp2 } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { TokenStatus } from './authorization/index.ts';
import { connectRpc } from './connect-rpc.ts';
import type { ServerRefusal } from './server-identity.ts';
import { world } from './testing/bank-service.ts';
import { underLoad } from './testing/load.ts';
import { rawCaller } from './testing/raw-caller.ts';
import type { Leaf } from './testing/raw-caller.ts';

const { pki, serve, connect, settings, closeLater } = world();

const REVOKE = '/holdfast.bank.v1.AccountDirectory/RevokeConsent';
const caller = pki.leaf('authorization-server/service');
const thumbprint = pki.peer(caller).thumbprint;
const denied = { code: 'PERMISSION_DENIED', details: 'permission denied' };
const callerOf = (port: number, leaf: Leaf = caller) => {
  const raw = rawCaller(port, pki.services.trust, leaf);
  closeLater(raw);
  return raw;
};
const revoke = (live: LiveTrust, ...revoked: Leaf[]): void =>
  live.apply(pki.state({ version: live.version + 1, revoked }), new Date());

describe('a service whose certificate was taken back [RFC5280-6.3]', () => {
  it('is refused on a new connection and on the one it has open, from the next call on', async () => {
    const live = pki.live();
    const { port, decisions } = await serve({}, { peers: live.of('services') });
    const kept = callerOf(port);
    expect((await kept.call(REVOKE)).code).toBe('OK');
    revoke(live, caller);
    expect([await kept.call(REVOKE), await callerOf(port).call(REVOKE)]).toEqual([denied, denied]);
    expect(decisions.map(({ reason }) => reason)).toEqual([undefined, 'certificate_revoked', 'certificate_revoked']);
    expect(decisions.at(-1)).toMatchObject({ thumbprint, outcome: 'refused' });
    // Somebody else under the same authority is served as before.
    expect((await callerOf(port, pki.mint({ ...almost, subject: 'CN=other' })).call(REVOKE)).code).toBe('OK');
  });

  it('loses its open stream and its call in flight at once; both ends are in the audit', async () => {
    const live = pki.live();
    let aborted = 0;
    const { port, decisions } = await serve(
      {
        introspect: async (_, { signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          aborted += 1;
          return { active: true };
        },
      },
      { peers: live.of('services') },
    );
    const client = connectRpc(TokenStatus, { ...settings(port), identity: pki.identity('bank/service') });
    closeLater(client);
    const inFlight = client.introspect({ tokenId: 't', grantId: 'g' });
    const updates = client.watchRevocations({ sinceCursor: 0 })[Symbol.asyncIterator]();
    for (let seen = 0; seen < 3; seen++) await updates.next();
    const next = updates.next();
    const began = performance.now();
    revoke(live, pki.leaf('bank/service'));
    const refused = { status: 'rejected', reason: { code: 'permission_denied' } };
    expect(await Promise.allSettled([next, inFlight])).toMatchObject([refused, refused]);
    expect(performance.now() - began).toBeLessThan(1_000);
    await expect.poll(() => aborted).toBe(1);
    const ends = decisions.filter(({ outcome }) => outcome === 'refused');
    expect(ends.map(({ method, reason }) => [method?.split('/')[1], reason]).toSorted()).toEqual([
      ['Introspect', 'certificate_revoked'],
      ['WatchRevocations', 'certificate_revoked'],
    ]);
  });

  it('loses its session, which carries nothing any more', async () => {
    const live = pki.live();
    const limits = { unaryMs: 300 };
    const { port } = await serve({}, { peers: live.of('services'), limits });
    const session = connectHttp2('https://rpc.bank.localhost', {
      createConnection: () =>
        connectTls({
          host: '127.0.0.1',
          port,
          servername: 'rpc.bank.localhost',
          ca: pki.services.trust.pem,
          cert: caller.certificatePem,
          key: caller.keyPem,
          ALPNProtocols: ['h2'],
        }),
    });
    session.on('error', () => {});
    const closed = new Promise((resolve) => session.once('close', resolve));
    const request = session.request({
      ':path': REVOKE,
      ':method': 'POST',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    request.on('error', () => {}).end(Buffer.alloc(5));
    await new Promise((resolve) => request.once('response', resolve));
    revoke(live, caller);
    await Promise.race([closed, sleep(3_000).then(() => Promise.reject(new Error('the session is still open')))]);
  });

  it('costs no other service a call', async () => {
    const live = pki.live();
    const { port } = await serve({}, { peers: live.of('services') });
    const client = connect(port, { serverTrust: live.of('services') });
    const load = underLoad(() => client.listShareableAccounts({ customerId: 'x' }));
    await load.more(50);
    const victim = pki.mint({ ...almost, subject: 'CN=victim' });
    await callerOf(port, victim).call(REVOKE);
    revoke(live, victim);
    await load.more(200);
    expect(await load.stop()).toEqual([]);
  });
});

const almost = {
  issuer: pki.services.intermediate,
  uris: ['spiffe://holdfast.test/authorization-server'],
  purpose: 'both',
} as const;

describe('when nobody can tell who is revoked', () => {
  it('because the list has run out, everybody is refused, on the open connection too [RFC5280-5.1.2.5]', async () => {
    const live = pki.live();
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const { port, decisions } = await serve({}, { peers: live.of('services'), clock });
    const kept = callerOf(port);
    expect((await kept.call(REVOKE)).code).toBe('OK');
    live.apply(pki.state({ version: 2, nextUpdate: new Date(clock.at + 5_000) }), clock.now());
    expect((await kept.call(REVOKE)).code).toBe('OK');
    clock.at += 5_000;
    expect(await kept.call(REVOKE)).toEqual(denied);
    expect(decisions.at(-1)).toMatchObject({ reason: 'revocation_unknown', thumbprint });
  });

  it('a stream that is open ends too, with its reason in the audit, though nobody says a word', async () => {
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const live = liveTrust(pki.state(), 'authority', clock.now());
    live.confirm(clock.now());
    const { port, decisions } = await serve({}, { peers: live.of('services'), clock, limits: { reviewMs: 50 } });
    const client = connectRpc(TokenStatus, { ...settings(port), identity: pki.identity('bank/service') });
    closeLater(client);
    const updates = client.watchRevocations({ sinceCursor: 0 })[Symbol.asyncIterator]();
    for (let seen = 0; seen < 3; seen++) await updates.next();
    const next = updates.next();
    clock.at += TRUST_FRESHNESS.graceMs - 1;
    await sleep(200);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['allowed']);
    clock.at += 2;
    await expect(next).rejects.toMatchObject({ code: 'permission_denied' });
    expect(decisions.at(-1)).toMatchObject({ outcome: 'refused', reason: 'revocation_unknown' });
  });

  it('because the authority has been silent for longer than the grace, likewise, until it speaks again', async () => {
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const live = liveTrust(pki.state(), 'authority', clock.now());
    const { port, decisions } = await serve({}, { peers: live.of('services'), clock });
    const kept = callerOf(port);
    expect(await kept.call(REVOKE)).toEqual(denied);
    live.confirm(clock.now());
    expect((await kept.call(REVOKE)).code).toBe('OK');
    clock.at += TRUST_FRESHNESS.graceMs + 1;
    expect(await kept.call(REVOKE)).toEqual(denied);
    live.confirm(clock.now());
    expect((await kept.call(REVOKE)).code).toBe('OK');
    expect(decisions.map(({ reason }) => reason)).toEqual([
      'revocation_unknown',
      undefined,
      'revocation_unknown',
      undefined,
    ]);
  });
});

describe('a server whose certificate was taken back', () => {
  it('is not connected to, and not asked anything', async () => {
    const live = pki.live();
    revoke(live, pki.leaf('bank/service'));
    const { port, decisions } = await serve();
    const refusals: ServerRefusal[] = [];
    const client = connect(port, { serverTrust: live.of('services'), onServerRefused: (it) => refusals.push(it) });
    await expect(client.listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(refusals[0]).toMatchObject({ reason: 'certificate_revoked', expected: 'bank' });
    expect(decisions).toEqual([]);
  });

  it('is left in the middle of a call and of a stream, and asked nothing more', async () => {
    const live = pki.live();
    let calls = 0;
    const { port, identity } = await serve({
      introspect: () => {
        calls += 1;
        return new Promise(() => {});
      },
    });
    const refusals: ServerRefusal[] = [];
    const client = connectRpc(TokenStatus, {
      ...settings(port),
      identity: pki.identity('bank/service'),
      serverTrust: live.of('services'),
      onServerRefused: (it) => refusals.push(it),
    });
    closeLater(client);
    const inFlight = client.introspect({ tokenId: 't', grantId: 'g' });
    const updates = client.watchRevocations({ sinceCursor: 0 })[Symbol.asyncIterator]();
    for (let seen = 0; seen < 3; seen++) await updates.next();
    const next = updates.next();
    revoke(live, pki.leaf('bank/service'));
    const left = { status: 'rejected', reason: { code: 'unavailable' } };
    expect(await Promise.allSettled([next, inFlight])).toMatchObject([left, left]);
    await expect(client.introspect({ tokenId: 't', grantId: 'g' })).rejects.toMatchObject({ code: 'unavailable' });
    expect([calls, refusals[0]?.reason]).toEqual([1, 'certificate_revoked']);
    // With a new certificate it is itself again.
    identity.swap(pki.mint({ ...almost, uris: ['spiffe://holdfast.test/bank'], dnsNames: ['rpc.bank.localhost'] }));
    await expect
      .poll(async () =>
        client.ready(500).then(
          () => 'ready',
          () => 'refused',
        ),
      )
      .toBe('ready');
  });

  it('is refused as well when nobody can tell: silence of the authority ends outgoing calls', async () => {
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const live = liveTrust(pki.state(), 'authority', clock.now());
    live.confirm(clock.now());
    const { port, decisions } = await serve();
    const refusals: ServerRefusal[] = [];
    const serverTrust = live.of('services');
    const client = connect(port, { serverTrust, clock, onServerRefused: (it) => refusals.push(it) });
    await client.listShareableAccounts({ customerId: 'x' });
    clock.at += TRUST_FRESHNESS.graceMs + 1;
    await expect(client.listShareableAccounts({ customerId: 'x' })).rejects.toMatchObject({ code: 'unavailable' });
    expect([refusals[0]?.reason, decisions.length]).toEqual(['revocation_unknown', 1]);
    // The connection to the authority itself goes by what was known last: it alone can end the silence.
    const toAuthority = { trust: serverTrust.trust, revocations: serverTrust.lastKnown };
    await connect(port, { serverTrust: toAuthority, clock }).listShareableAccounts({ customerId: 'x' });
  });
});
