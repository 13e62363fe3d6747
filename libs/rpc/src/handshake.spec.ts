import { ChannelCredentials } from '@grpc/grpc-js';
import type { Server } from '@grpc/grpc-js';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { describe, expect, it, vi } from 'vitest';
import { RpcConfigError } from './config-error.ts';
import { watchRefusedHandshakes } from './refused-handshakes.ts';
import { world } from './testing/bank-service.ts';
import { rawCaller, rawCallerOver } from './testing/raw-caller.ts';
import type { Leaf } from './testing/raw-caller.ts';

const { pki, serve, connect, closeLater } = world();

const LIST = '/holdfast.bank.v1.AccountDirectory/ListShareableAccounts';
const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms);
/** The authorization server's internal certificate, odd in one respect. */
const almost = (odd: Parameters<typeof pki.mint>[0]) =>
  pki.mint({
    issuer: pki.services.intermediate,
    uris: ['spiffe://holdfast.test/authorization-server'],
    purpose: 'both',
    ...odd,
  });

const UNTRUSTED = 'certificate_untrusted';
const refusedInTheHandshake: [string, () => Leaf | undefined, string][] = [
  ['no certificate', () => undefined, 'certificate_missing'],
  ['a certificate of a rogue authority', () => almost({ issuer: throwAwayPki().services.intermediate }), UNTRUSTED],
  ['a certificate that a leaf has signed', () => almost({ issuer: pki.asIssuer(pki.leaf('lab/service')) }), UNTRUSTED],
  ['an expired certificate', () => almost({ notBefore: ago(2 * HOUR), notAfter: ago(HOUR) }), 'certificate_expired'],
  [
    'a certificate that is not valid yet',
    () => almost({ notBefore: ago(-HOUR), notAfter: ago(-2 * HOUR) }),
    'certificate_not_yet_valid',
  ],
  ['a certificate for servers only', () => almost({ purpose: 'server' }), 'certificate_wrong_purpose'],
  ["a participant's certificate", () => pki.leaf('fintech/transport'), UNTRUSTED],
  [
    "a participant's certificate that claims a service",
    () => almost({ issuer: pki.participants.intermediate }),
    UNTRUSTED,
  ],
  ["the browser listener's certificate", () => pki.leaf('authorization-server/browser'), 'certificate_wrong_purpose'],
];

describe('the handshake refuses', () => {
  it.each(refusedInTheHandshake)('%s', async (_, leaf, reason) => {
    const { port, decisions } = await serve();
    const caller = rawCaller(port, pki.services.trust, leaf());
    closeLater(caller);
    expect(await caller.call(LIST)).toMatchObject({ code: 'UNAVAILABLE' });
    await expect.poll(() => decisions.at(0)).toMatchObject({ method: undefined, outcome: 'refused', reason });
    // The same door opens for the honest caller, so it was not merely shut.
    await connect(port).listShareableAccounts({ customerId: 'cus-alice-7302' });
  });

  it('all the same when it cannot be recorded', async () => {
    const onDecision = vi.fn(() => {
      throw new Error('the disk is full');
    });
    const { port } = await serve({}, { onDecision });
    const caller = rawCaller(port, pki.services.trust, undefined);
    closeLater(caller);
    expect(await caller.call(LIST)).toMatchObject({ code: 'UNAVAILABLE' });
    await expect.poll(() => onDecision.mock.calls.length).toBeGreaterThan(0);
  });

  it('nobody unseen: a server whose handshakes cannot be watched does not start', () => {
    expect(() => watchRefusedHandshakes({} as Server, () => undefined)).toThrow(RpcConfigError);
  });

  it('plaintext from gRPC', async () => {
    const { port } = await serve();
    const caller = rawCallerOver(port, ChannelCredentials.createInsecure());
    closeLater(caller);
    expect(await caller.call(LIST, { deadlineMs: 2000 })).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('plaintext HTTP/2 with prior knowledge', async () => {
    const { port, decisions } = await serve();
    const session = connectHttp2(`http://127.0.0.1:${port}`).on('error', () => {});
    const answers: unknown[] = [];
    session
      .request({ ':path': LIST, ':method': 'POST' })
      .on('response', (headers) => answers.push(headers))
      .on('error', () => {});
    await new Promise((resolve) => session.once('close', resolve));
    expect([answers, decisions]).toEqual([[], []]);
  });

  it('TLS 1.2', async () => {
    const { port } = await serve();
    const tls = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    const caller = rawCaller(port, pki.services.trust, pki.leaf('authorization-server/service'), tls);
    closeLater(caller);
    expect(await caller.call(LIST)).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('HTTP/1.1 over a good certificate', async () => {
    const { port } = await serve();
    const socket = connectTls({ ...tlsTo(port), ALPNProtocols: ['http/1.1'] });
    await expect(once(socket, 'data')).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' });
  });

  it('the session of an earlier connection: every connection shows its certificate', async () => {
    const { port } = await serve();
    const first = connectTls(tlsTo(port));
    const sessions: Buffer[] = [];
    first.on('session', (session) => sessions.push(session));
    // The server's first frame proves that it has accepted the certificate and sent whatever tickets it sends.
    await once(first, 'data');
    first.destroy();
    for (const session of [...sessions, first.getSession()].filter((each) => each !== undefined)) {
      const second = connectTls({ ...tlsTo(port), session });
      await once(second, 'data');
      expect(second.isSessionReused()).toBe(false);
      second.destroy();
    }
  });
});

function tlsTo(port: number): ConnectionOptions {
  const { certificatePem: cert, keyPem: key } = pki.leaf('authorization-server/service');
  const host = { host: '127.0.0.1', port, servername: 'rpc.bank.localhost' };
  return { ...host, ca: pki.services.trust.pem, cert, key, ALPNProtocols: ['h2'] };
}
