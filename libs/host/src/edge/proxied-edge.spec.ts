import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { CertificateRefused, judgeClientCertificate, liveTrust } from '@holdfast/mtls';
import type { IdentitySource, LiveTrust } from '@holdfast/mtls';
import type { OddLeaf, TrustDomain } from '@holdfast/mtls/testing';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { openDoor, pki } from '../testing/door.ts';
import type { Door } from '../testing/door.ts';
import { dialService } from '../testing/ask.ts';
import { peerOf } from '../request/peer.ts';

@Controller()
class Peers {
  @Get('/peer')
  peer(@Req() request: FastifyRequest) {
    const peer = peerOf(request);
    return { thumbprint: peer?.thumbprint ?? null, handshakeError: peer?.handshakeError ?? null };
  }

  @Get('/verdict')
  verdict(@Req() request: FastifyRequest) {
    try {
      judgeClientCertificate(peerOf(request), new Date());
      return { verdict: 'served' };
    } catch (error) {
      if (!(error instanceof CertificateRefused)) throw error;
      return { verdict: error.reason };
    }
  }

  @Get('/anything')
  anything() {
    return { anything: true };
  }
}

const exposure = { 'GET /peer': 'the proxy', 'GET /verdict': 'the proxy', 'GET /anything': 'the proxy' };
const identity = pki.identity('bank/service');
const proxy = pki.identity('edge-proxy/service');
const client = pki.peer('lab/first-client');
const field = (der: Buffer): string => `:${der.toString('base64')}:`;
const clientCert = field(client.der);

const PROXY = 'spiffe://holdfast.test/edge-proxy';
const impostor = (domain: TrustDomain, odd: OddLeaf = {}): IdentitySource =>
  pki.identity(pki.mint({ issuer: domain.intermediate, uris: [PROXY], ...odd }));

let door: Door;
let live: LiveTrust;
beforeEach(async () => {
  live = pki.live();
  door = await openProxied(live);
});

const openProxied = (trust: LiveTrust): Promise<Door> =>
  openDoor({
    name: 'api',
    controllers: [Peers],
    exposure,
    identity,
    clients: trust.of('participants'),
    otherDoors: [trust.of('services').trust],
    edge: { proxy: PROXY, self: 'spiffe://holdfast.test/bank', services: trust.of('services') },
    limits: { lameDuck: 50 },
  });
const apply = (change: Parameters<typeof pki.state>[0]): void =>
  live.apply(pki.state({ version: live.version + 1, ...change }), new Date());

interface Heard {
  readonly status: number | undefined;
  readonly body: unknown;
}

const request = (path: string, lines: readonly string[] = []): string =>
  [`GET ${path} HTTP/1.1`, 'host: a', ...lines, '', ''].join('\r\n');

async function hear(socket: TLSSocket, text: string): Promise<Heard> {
  let heard = '';
  await new Promise<void>((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString();
      if (/\r\n\r\n\{.*\}$/s.test(heard)) resolve();
    });
    socket.on('error', () => undefined).once('close', () => resolve());
    socket.write(text);
  });
  socket.removeAllListeners('data');
  if (heard === '') return { status: undefined, body: undefined };
  const [head = '', body = ''] = heard.split('\r\n\r\n');
  return { status: Number(head.slice(9, 12)), body: JSON.parse(body) as unknown };
}

async function ask(path: string, lines: readonly string[], who: IdentitySource | 'nobody' = proxy): Promise<Heard> {
  const socket = await dialService(door.port, 'rpc.bank.localhost', who === 'nobody' ? undefined : who);
  const heard = await hear(socket, request(path, lines));
  socket.destroy();
  return heard;
}

const nothing: Heard = { status: undefined, body: undefined };
const served = { status: 200, body: { thumbprint: client.thumbprint, handshakeError: null } };
const lastReason = () => door.audit().findLast(({ action }) => action === 'host.edge');
const expectServed = async () => expect(await ask('/peer', [`Client-Cert: ${clientCert}`])).toEqual(served);

describe('a listener behind a proxy answers nothing at all', () => {
  it.each<[string, string, () => IdentitySource | 'nobody']>([
    ['somebody without a certificate', 'certificate_missing', () => 'nobody'],
    ['a participant', 'certificate_untrusted', () => pki.identity('lab/first-client')],
    [
      'a proxy of the same name from an unknown authority',
      'certificate_untrusted',
      () => impostor(pki.rogue('services')),
    ],
    [
      'a proxy of the same name from the participants’ authority',
      'certificate_untrusted',
      () => impostor(pki.participants),
    ],
    [
      'a certificate for servers with the name of the proxy',
      'certificate_wrong_purpose',
      () => impostor(pki.services, { purpose: 'server' }),
    ],
  ])('to %s: the handshake ends it [RFC9440-4] [EDGE-02]', async (_title, reason, who) => {
    const before = door.audit().length;
    for (const path of ['/peer', '/readyz', '/nowhere'])
      expect(await ask(path, [`Client-Cert: ${clientCert}`], who())).toEqual(nothing);
    const event = expect.objectContaining({ action: 'host.edge', outcome: 'refused', reason }) as object;
    await expect.poll(() => door.audit().slice(before)).toEqual([event, event, event]);
    await expectServed();
  });

  it.each<[string, string, () => IdentitySource]>([
    ['another service', 'not_the_proxy', () => pki.identity('lab/service')],
    ['a service without a name', 'not_the_proxy', () => impostor(pki.services, { uris: [] })],
    [
      'one with two names',
      'not_the_proxy',
      () => impostor(pki.services, { uris: [PROXY, 'spiffe://holdfast.test/bank'] }),
    ],
    ['one with the name in upper case', 'not_the_proxy', () => impostor(pki.services, { uris: [PROXY.toUpperCase()] })],
    ['one without a purpose', 'certificate_wrong_purpose', () => impostor(pki.services, { purpose: 'none' })],
  ])('to %s [RFC9440-4] [EDGE-02]', async (_title, reason, who) => {
    const peer = who();
    for (const path of ['/peer', '/readyz', '/nowhere'])
      expect(await ask(path, [`Client-Cert: ${clientCert}`], peer)).toEqual(nothing);
    const { thumbprint } = peer.current().leaf;
    expect(lastReason()).toMatchObject({ outcome: 'refused', reason, presentedThumbprint: thumbprint });
    await expectServed();
  });

  it('to a stranger whose request cannot be read', async () => {
    const socket = await dialService(door.port, 'rpc.bank.localhost', pki.identity('lab/service'));
    expect(await hear(socket, 'no HTTP\r\n\r\n')).toEqual(nothing);
  });

  it('to the proxy whose certificate was taken back, whose open connections are cut at once [RFC8705-7.4]', async () => {
    const socket = await dialService(door.port, 'rpc.bank.localhost', proxy);
    expect(await hear(socket, request('/peer', [`Client-Cert: ${clientCert}`]))).toEqual(served);
    const gone = once(socket, 'close');
    apply({ revoked: [pki.leaf('edge-proxy/service')] });
    await gone;
    expect(door.audit().at(-1)).toMatchObject({ action: 'connection.keep', reason: 'certificate_revoked' });
    expect(await ask('/peer', [`Client-Cert: ${clientCert}`])).toEqual(nothing);
    expect(lastReason()).toMatchObject({ reason: 'certificate_revoked' });
  });

  it('to the proxy while nobody can tell who is revoked, on an open connection too; its own health is told', async () => {
    live = liveTrust(pki.state(), 'authority', new Date());
    // Before the first word of its authority, which a start must not wait for.
    door = await openProxied(live);
    expect(await ask('/peer', [`Client-Cert: ${clientCert}`])).toEqual(nothing);
    expect(lastReason()).toMatchObject({ reason: 'revocation_unknown' });
    live.confirm(new Date());
    await expectServed();
    const socket = await dialService(door.port, 'rpc.bank.localhost', proxy);
    expect(await hear(socket, request('/peer', [`Client-Cert: ${clientCert}`]))).toEqual(served);
    live.confirm(new Date(0));
    expect(await hear(socket, request('/peer', [`Client-Cert: ${clientCert}`]))).toEqual(nothing);
    expect(await ask('/livez', [], identity)).toMatchObject({ status: 200 });
    expect(await ask('/anything', [], identity)).toEqual(nothing);
    expect(lastReason()).toMatchObject({ reason: 'revocation_unknown' });
  });

  it('to itself when its own certificate was taken back, not even for its health', async () => {
    apply({ revoked: [pki.leaf('bank/service')] });
    expect(await ask('/livez', [], identity)).toEqual(nothing);
    expect(lastReason()).toMatchObject({ reason: 'certificate_revoked' });
  });

  it('to the proxy of an authority that is succeeded, on an open connection neither; the new one is let in', async () => {
    const next = pki.rogue('services');
    const newcomer = impostor(next);
    expect(await ask('/peer', [`Client-Cert: ${clientCert}`], newcomer)).toEqual(nothing);
    apply({ authorities: { services: [pki.services, next] } });
    expect(await ask('/peer', [`Client-Cert: ${clientCert}`], newcomer)).toEqual(served);
    const socket = await dialService(door.port, 'rpc.bank.localhost', proxy);
    expect(await hear(socket, request('/peer', [`Client-Cert: ${clientCert}`]))).toEqual(served);
    apply({ authorities: { services: [next] } });
    expect(await hear(socket, request('/peer', [`Client-Cert: ${clientCert}`]))).toEqual(nothing);
    expect(lastReason()).toMatchObject({ reason: 'certificate_untrusted' });
    expect(await ask('/peer', [`Client-Cert: ${clientCert}`], newcomer)).toEqual(served);
  });

  it('to itself, but for its health', async () => {
    for (const path of ['/livez', '/readyz']) expect(await ask(path, [], identity)).toMatchObject({ status: 200 });
    for (const path of ['/peer', '/anything', '/nowhere', '/livez/'])
      expect(await ask(path, [`Client-Cert: ${clientCert}`], identity)).toEqual(nothing);
    expect(lastReason()).toMatchObject({ reason: 'not_for_health' });
    await expectServed();
  });
});

const rawOf = ({ intermediate }: TrustDomain): Buffer => pki.mint({ issuer: intermediate }).certificate.raw;

describe('what a proxy passes on', () => {
  const chain = field(pki.participants.intermediate.certificate.raw);

  it.each<[string, string, readonly string[]]>([
    [
      'two certificates in two fields',
      'client-cert more than once',
      [`Client-Cert: ${clientCert}`, `Client-Cert: ${clientCert}`],
    ],
    [
      'two fields in two spellings',
      'client-cert more than once',
      [`client-CERT: ${clientCert}`, `Client-Cert: ${clientCert}`],
    ],
    ['two certificates in one field', 'not exactly one byte sequence', [`Client-Cert: ${clientCert}, ${clientCert}`]],
    ['an empty field', 'not exactly one byte sequence', ['Client-Cert:']],
    ['a parameter', 'not exactly one byte sequence', [`Client-Cert: ${clientCert};ok`]],
    [
      'PEM for URLs',
      'not exactly one byte sequence',
      [`Client-Cert: ${encodeURIComponent(pki.leaf('lab/first-client').certificatePem)}`],
    ],
    ['a chain without a certificate', 'a chain without a certificate', [`Client-Cert-Chain: ${chain}`]],
    [
      'two chains',
      'client-cert-chain more than once',
      [`Client-Cert: ${clientCert}`, `Client-Cert-Chain: ${chain}`, `Client-Cert-Chain: ${chain}`],
    ],
    ['half a chain', 'not exactly one byte sequence', [`Client-Cert: ${clientCert}`, `Client-Cert-Chain: ${chain},`]],
  ])('is refused on every route when it is %s [RFC9440-2.4] [EDGE-03]', async (_title, problem, lines) => {
    for (const path of ['/peer', '/anything', '/readyz', '/nowhere']) {
      expect(await ask(path, lines)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      const event = { reason: 'client_cert_field_malformed', error: 'invalid_request', evidence: { problem } };
      expect(lastReason()).toMatchObject({ outcome: 'refused', ...event });
    }
    await expectServed();
  });

  it.each<[string, string, () => Buffer]>([
    ['is no certificate', 'certificate_unreadable', () => Buffer.of(1)],
    [
      'has a name that two readers read differently',
      'certificate_unreadable',
      () => pki.mint({ dnsNames: ['a.test\0b.test'] }).certificate.raw,
    ],
    [
      'is too large',
      'certificate_too_large',
      () =>
        pki.mint({ dnsNames: Array.from({ length: 1_100 }, (_, place) => `${'n'.repeat(50)}${place}.test`) })
          .certificate.raw,
    ],
  ])('is refused where it is asked for when it %s, as on a connection of its own', async (_title, reason, make) => {
    const lines = [`Client-Cert: ${field(make())}`];
    expect(await ask('/peer', lines)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_description: expect.stringContaining(`${reason}: `) },
    });
    expect(door.audit()).toMatchObject([{ action: 'host.request', outcome: 'refused', reason }]);
    expect(await ask('/anything', lines)).toMatchObject({ status: 200 });
    await expectServed();
  });

  it.each<[string, string, () => readonly string[]]>([
    ['one of a stranger', 'chain_incomplete', () => [field(rawOf(pki.rogue('web')))]],
    ['one of a namesake', 'certificate_untrusted', () => [field(rawOf(pki.rogue()))]],
    ['one of a service', 'issued_for_another_door', () => [field(rawOf(pki.services))]],
    [
      'one that a client signed',
      'issued_by_leaf',
      () => {
        const forged = pki.mint({ issuer: pki.asIssuer(pki.leaf('lab/second-client')) });
        return [forged, pki.leaf('lab/second-client')].map(({ certificate }) => field(certificate.raw));
      },
    ],
  ])('is refused with the finer reason of its chain: %s is %s', async (_title, verdict, make) => {
    const [leaf = '', ...sent] = make();
    const lines = [`Client-Cert: ${leaf}`, ...(sent.length === 0 ? [] : [`Client-Cert-Chain: ${sent.join(', ')}`])];
    expect(await ask('/verdict', lines)).toEqual({ status: 200, body: { verdict } });
  });

  it('is judged by what its authority says now, request by request, on the proxy’s open connection [RFC8705-7.4]', async () => {
    const socket = await dialService(door.port, 'rpc.bank.localhost', proxy);
    const verdict = async () => (await hear(socket, request('/verdict', [`Client-Cert: ${clientCert}`]))).body;
    expect(await verdict()).toEqual({ verdict: 'served' });
    apply({ revoked: [pki.leaf('lab/first-client')] });
    expect(await verdict()).toEqual({ verdict: 'certificate_revoked' });
    const next = pki.rogue();
    apply({ authorities: { participants: [next] } });
    expect(await verdict()).toEqual({ verdict: 'certificate_untrusted' });
    const newcomer = field(rawOf(next));
    expect(await hear(socket, request('/verdict', [`Client-Cert: ${newcomer}`]))).toMatchObject({
      body: { verdict: 'served' },
    });
    socket.destroy();
  });

  it('is no certificate when it is nothing, whatever else the request carries [RFC9440-2.4]', async () => {
    const lines = [`client_cert: ${clientCert}`, `X-Forwarded-Client-Cert: Cert="x"`, `X-SSL-Client-Cert: x`];
    const none = { status: 200, body: { thumbprint: null, handshakeError: null } };
    expect(await ask('/peer', lines)).toEqual(none);
    const chunked = ['transfer-encoding: chunked', 'trailer: Client-Cert', '', '0', `Client-Cert: ${clientCert}`];
    expect(await ask('/peer', chunked)).toMatchObject(none);
    await expectServed();
  });

  it('has the verdict on its chain that a handshake would have had', async () => {
    const stranger = pki.mint({ issuer: pki.rogue().intermediate }).certificate.raw;
    const rogue = await ask('/peer', [`Client-Cert: ${field(stranger)}`]);
    expect(rogue.body).toMatchObject({ handshakeError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    const whole = await ask('/peer', [`Client-Cert: ${clientCert}`, `Client-Cert-Chain: ${chain}`]);
    expect(whole).toEqual(served);
  });

  it('is of this request and of no other on the same connection', async () => {
    const socket = await dialService(door.port, 'rpc.bank.localhost', proxy);
    const other = pki.peer('lab/second-client');
    const thumbprints = [];
    for (const lines of [[`Client-Cert: ${clientCert}`], [`Client-Cert: ${field(other.der)}`], []]) {
      const { body } = await hear(socket, request('/peer', lines));
      thumbprints.push((body as { thumbprint: string | null }).thumbprint);
    }
    socket.destroy();
    expect(thumbprints).toEqual([client.thumbprint, other.thumbprint, null]);
  });

  it('may be large beside all that a client may send', async () => {
    const lines = [`Client-Cert: ${clientCert}`, `Client-Cert-Chain: ${Array(4).fill(chain).join(', ')}`];
    const filler = `x-filler: ${'x'.repeat(15 * 1024)}`;
    expect(await ask('/peer', [...lines, filler])).toEqual(served);
  });
});
