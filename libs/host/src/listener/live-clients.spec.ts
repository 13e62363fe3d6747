import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { CertificateRefused, clientTls, judgeClientCertificate, liveTrust, TRUST_FRESHNESS } from '@holdfast/mtls';
import type { IdentitySource, LiveTrust } from '@holdfast/mtls';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { peerOf } from '../request/peer.ts';
import { ask, dial } from '../testing/ask.ts';
import type { Door } from '../testing/door.ts';
import { openDoor, pki } from '../testing/door.ts';

let served = 0;

@Controller()
class Judged {
  @Get('/judged')
  judged(@Req() request: FastifyRequest) {
    try {
      judgeClientCertificate(peerOf(request), new Date());
      served += 1;
      return { verdict: 'served' };
    } catch (error) {
      if (!(error instanceof CertificateRefused)) throw error;
      return { verdict: error.reason };
    }
  }

  @Get('/slow')
  async slow(@Req() request: FastifyRequest) {
    const answer = this.judged(request);
    await sleep(300);
    return answer;
  }
}

const exposure = { 'GET /judged': 'none', 'GET /slow': 'none' };
const client = pki.leaf('lab/first-client');
const other = pki.leaf('lab/second-client');
const { thumbprint } = pki.peer(client);
const next = pki.rogue();
const LAME_DUCK = 100;
let live: LiveTrust;

beforeEach(() => {
  live = pki.live();
  served = 0;
});

const openLive = (): Promise<Door> =>
  openDoor({
    controllers: [Judged],
    exposure,
    clients: live.of('participants'),
    limits: { lameDuck: LAME_DUCK },
  });
const apply = (change: Parameters<typeof pki.state>[0]): void =>
  live.apply(pki.state({ version: live.version + 1, ...change }), new Date());

async function verdict(port: number, identity: IdentitySource): Promise<string> {
  const { verdict } = JSON.parse((await ask(port, '/judged', { identity })).body) as { verdict: string };
  return verdict;
}

/** Asks on a connection that stays open. */
async function askOn(socket: TLSSocket, path = '/judged'): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
}
const closed = (socket: TLSSocket): Promise<'closed'> =>
  socket.closed
    ? Promise.resolve('closed')
    : once(
        socket.on('error', () => undefined),
        'close',
      ).then(() => 'closed');
const within = <T>(ms: number, what: Promise<T>): Promise<T | 'open'> =>
  Promise.race([what, sleep(ms).then(() => 'open' as const)]);

describe('a client whose certificate was taken back [RFC8705-7.4] [RS-24]', () => {
  it('is refused on a new connection, and nobody else is', async () => {
    const { port } = await openLive();
    expect(await verdict(port, pki.identity(client))).toBe('served');
    apply({ revoked: [client] });
    expect(await verdict(port, pki.identity(client))).toBe('certificate_revoked');
    expect(await verdict(port, pki.identity(other))).toBe('served');
  });

  it('loses the connection it keeps alive at once, and others keep theirs', async () => {
    const { port, audit } = await openLive();
    const [kept, honest] = [
      await dial(port, { identity: pki.identity(client) }),
      await dial(port, { identity: pki.identity(other) }),
    ];
    expect(await askOn(kept)).toContain('served');
    expect(await askOn(honest)).toContain('served');
    const began = performance.now();
    const gone = closed(kept);
    apply({ revoked: [client] });
    expect(await within(1_000, gone)).toBe('closed');
    expect(performance.now() - began).toBeLessThan(500);
    expect(await askOn(honest)).toContain('served');
    expect(audit()).toMatchObject([
      { action: 'connection.keep', outcome: 'refused', reason: 'certificate_revoked', presentedThumbprint: thumbprint },
    ]);
    honest.destroy();
  });

  it('gets no answer to what is in flight', async () => {
    const { port } = await openLive();
    const socket = await dial(port, { identity: pki.identity(client) });
    let heard = '';
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    const gone = closed(socket);
    socket.write('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n');
    await expect.poll(() => served).toBe(1);
    apply({ revoked: [client] });
    await gone;
    await sleep(400);
    expect(heard).toBe('');
  });
});

describe('when nobody can tell who is revoked, every client is refused', () => {
  it('past the time of the list [RFC5280-5.1.2.5]', async () => {
    const { port } = await openLive();
    const kept = await dial(port, { identity: pki.identity(client) });
    expect(await askOn(kept)).toContain('served');
    apply({ nextUpdate: new Date(Date.now() - 1_000), thisUpdate: new Date() });
    expect(await askOn(kept)).toContain('revocation_unknown');
    expect(await verdict(port, pki.identity(client))).toBe('revocation_unknown');
    kept.destroy();
  });

  it('after the grace of a silent authority, until it speaks again', async () => {
    live = liveTrust(pki.state(), 'authority', new Date());
    const { port } = await openLive();
    live.confirm(new Date(Date.now() - TRUST_FRESHNESS.graceMs - 1));
    expect(await verdict(port, pki.identity(client))).toBe('revocation_unknown');
    live.confirm(new Date());
    expect(await verdict(port, pki.identity(client))).toBe('served');
  });
});

describe('authorities that change while the listener runs', () => {
  const newcomer = pki.mint({ issuer: next.intermediate });

  it('count from the next handshake on, without a restart: the old client is refused, the new one served', async () => {
    const { port, log } = await openLive();
    expect(await verdict(port, pki.identity(newcomer))).toBe('certificate_untrusted');
    apply({ authorities: { participants: [pki.participants, next] } });
    expect(await verdict(port, pki.identity(newcomer))).toBe('served');
    expect(await verdict(port, pki.identity(client))).toBe('served');
    apply({ authorities: { participants: [next] } });
    expect(await verdict(port, pki.identity(client))).toBe('certificate_untrusted');
    expect(await verdict(port, pki.identity(newcomer))).toBe('served');
    expect(log.filter((line) => line.includes('trusting other authorities'))).toHaveLength(2);
  });

  it('drop no call in flight, whose connection ends with its answer', async () => {
    const { port } = await openLive();
    const socket = await dial(port, { identity: pki.identity(client) });
    const answer = askOn(socket, '/slow');
    await expect.poll(() => served).toBe(1);
    apply({ authorities: { participants: [next] } });
    expect(await answer).toMatch(/HTTP\/1.1 200[\s\S]*connection: close[\s\S]*served/i);
    expect(await within(1_000, closed(socket))).toBe('closed');
  });

  it('end what the old ones let in: a connection at rest is closed, and serves nobody until then', async () => {
    const { port } = await openLive();
    const [quick, idle] = [
      await dial(port, { identity: pki.identity(client) }),
      await dial(port, { identity: pki.identity(client) }),
    ];
    expect(await askOn(quick)).toContain('served');
    expect(await askOn(idle)).toContain('served');
    const gone = closed(idle);
    apply({ authorities: { participants: [next] } });
    expect(await askOn(quick)).toMatch(/connection: close[\s\S]*certificate_untrusted/i);
    expect(await within(LAME_DUCK + 1_000, gone)).toBe('closed');
    quick.destroy();
  });

  it('are not forgotten when the listener renews its own certificate, nor the other way round', async () => {
    const identity = pki.identity('authorization-server/mtls');
    const { port } = await openDoor({ controllers: [Judged], exposure, clients: live.of('participants'), identity });
    apply({ authorities: { participants: [next] } });
    const renewed = pki.mint({
      issuer: pki.web.intermediate,
      dnsNames: ['mtls.auth.localhost'],
      purpose: 'server',
    });
    identity.swap(renewed);
    expect(await verdict(port, pki.identity(newcomer))).toBe('served');
    expect(await verdict(port, pki.identity(client))).toBe('certificate_untrusted');
    apply({ authorities: { participants: [pki.participants, next] }, number: 9 });
    const socket = await dial(port);
    expect(socket.getPeerX509Certificate()?.fingerprint256).toBe(renewed.certificate.fingerprint256);
    socket.destroy();
  });
});

describe.each([
  ['mtls', 'mtls.auth.localhost', 'authorization-server/mtls'],
  ['api', 'api.bank.localhost', 'bank/api'],
  ['browser', 'auth.localhost', 'authorization-server/browser'],
  ['web', 'fintech.localhost', 'fintech/web'],
] as const)('a listener of the kind %s', (name, host, leaf) => {
  it('resumes no session: each connection is a handshake of its own [RFC8446-2.2] [TLS-05]', async () => {
    const { port } = await openDoor({ name, controllers: [Judged], exposure, identity: pki.identity(leaf) });
    const options = {
      ...clientTls({ serverTrust: pki.web.trust, names: 'loopback', identity: pki.identity(client) }),
      host,
      port,
      servername: host,
    };
    const sessions: Buffer[] = [];
    const first = connect(options).on('session', (session) => sessions.push(session));
    await once(first, 'secureConnect');
    await askOn(first);
    const session = sessions.at(-1) ?? first.getSession();
    first.destroy();
    const second = connect({ ...options, ...(session === undefined ? {} : { session }) });
    await once(second, 'secureConnect');
    expect(await askOn(second)).toContain('HTTP/1.1 200');
    expect(second.isSessionReused()).toBe(false);
    second.destroy();
  });
});
