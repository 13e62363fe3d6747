import { createServer as createPlain } from 'node:http';
import type { Server, ServerOptions } from 'node:https';
import { createServer } from 'node:https';
import { once } from 'node:events';
import { browserServerTls, mtlsServerTls } from '@holdfast/mtls';
import { Controller, Get } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { contextForTest, listenerOptions, openDoor, pki } from '../testing/door.ts';
import { probeListener } from './self-probe.ts';
import { startListener } from './start-listener.ts';

const identity = pki.identity('authorization-server/mtls');
const mtls = mtlsServerTls(identity, pki.participants.trust);
const browser = browserServerTls(identity);

let server: Server | undefined;
afterEach(() => void server?.close());

async function probe(made: Server, asksForCertificate: boolean, insists = false): Promise<void> {
  server = made;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await probeListener(server, { name: 'mtls', identity: identity.current(), asksForCertificate, insists });
}

const serving = (tls: ServerOptions, status = 200) =>
  createServer(tls, (_request, response) => response.writeHead(status, { connection: 'close' }).end());

describe('the look at oneself after listening', () => {
  it('finds a server that talks plain text', async () => {
    const plain = createPlain((_request, response) => response.end()) as unknown as Server;
    await expect(probe(plain, false)).rejects.toThrow('the mtls listener answers plain text');
  });

  it('finds a CertificateRequest that is missing', async () => {
    await expect(probe(serving(browser), true)).rejects.toThrow('the mtls listener asks for no certificate');
  });

  it('finds a CertificateRequest that should not be there [RFC8705-6.1]', async () => {
    await expect(probe(serving(mtls), false)).rejects.toThrow('the mtls listener asks for a certificate');
  });

  it('finds a listener for a proxy alone that answers others [RFC9440-4]', async () => {
    await expect(probe(serving(mtls), true, true)).rejects.toThrow(
      'the mtls listener answers somebody without a certificate',
    );
  });

  it('finds another certificate than its own', async () => {
    const foreign = mtlsServerTls(pki.identity('bank/api'), pki.participants.trust);
    await expect(probe(serving(foreign), true)).rejects.toThrow(
      'completes no TLS 1.3 handshake with its own certificate',
    );
    const { dnsNames } = identity.current().leaf;
    const sister = pki.mint({ issuer: pki.web.intermediate, dnsNames: [...dnsNames], purpose: 'server' });
    const stale = mtlsServerTls(pki.identity(sister), pki.participants.trust);
    await expect(probe(serving(stale), true)).rejects.toThrow('presents another certificate than its own');
  });

  it('finds a server that still takes TLS 1.2', async () => {
    const { ciphers: _only13, ...rest } = mtls;
    await expect(probe(serving({ ...rest, minVersion: 'TLSv1.2' }), true)).rejects.toThrow('accepts TLS 1.2');
  });

  it('finds a server that cannot speak TLS 1.3', async () => {
    const { ciphers: _only13, ...rest } = mtls;
    const old = { ...rest, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    await expect(probe(serving(old), true)).rejects.toThrow('completes no TLS 1.3 handshake');
  });

  it('finds a server that does not answer properly', async () => {
    await expect(probe(serving(mtls, 500), true)).rejects.toThrow('does not answer over TLS');
  });

  it('is satisfied with a door as it should be', async () => {
    await expect(probe(serving(mtls), true)).resolves.toBeUndefined();
  });
});

@Controller()
class Hello {
  @Get('/hello')
  hello() {
    return {};
  }
}
const exposure = { 'GET /hello': 'none' };

describe('starting a listener', () => {
  it('stops when a browser listener is wired to ask for certificates, or an mtls listener not to', async () => {
    const { ctx } = contextForTest();
    const clients = pki.door('participants');
    const asking = listenerOptions(ctx, [Hello], { name: 'browser', exposure, clients });
    await expect(startListener(asking)).rejects.toThrow('wired to ask for a certificate');
    const { clients: _, ...silent } = listenerOptions(ctx, [Hello], { name: 'mtls', exposure });
    await expect(startListener(silent)).rejects.toThrow('wired to ask for no certificate');
  });

  it('stops when the port is taken, and holds nothing afterwards', async () => {
    const { port } = await openDoor({ controllers: [Hello], exposure });
    const { ctx } = contextForTest();
    const address = { host: '127.0.0.1', port };
    await expect(startListener(listenerOptions(ctx, [Hello], { exposure, address }))).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
    });
  });

  it('announces the URL of its certificate’s name', async () => {
    const { listener } = await openDoor({ controllers: [Hello], exposure });
    expect(listener.url).toBe(`https://mtls.auth.localhost:${listener.port}`);
  });
});
