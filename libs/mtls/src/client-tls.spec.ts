import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { Server, TlsOptions } from 'node:tls';
import type { IncomingMessage } from 'node:http';
import { Agent, createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { clientTls } from './client-tls.ts';
import { browserServerTls } from './server-tls.ts';
import { throwAwayPki } from './testing/index.ts';
import type { OddLeaf } from './testing/index.ts';

const pki = throwAwayPki();
const name = 'api.bank.localhost';
const openServers = new Set<Server>();

afterEach(async () => {
  for (const server of openServers) await new Promise((done) => server.close(done));
  openServers.clear();
});

async function listen(options: TlsOptions): Promise<number> {
  const server = createServer(options, (socket) => socket.on('error', () => undefined).end('hello'));
  server.on('tlsClientError', () => undefined);
  openServers.add(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** What the server would get as a first word, were the connection to stand. */
async function connectTo(port: number, servername = name): Promise<string> {
  const options = clientTls({
    identity: pki.identity('fintech/transport'),
    serverTrust: pki.web.trust,
    names: 'loopback',
  });
  const socket = connect({ ...options, host: servername, servername, port });
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
  return text;
}

const webServer: OddLeaf = { issuer: pki.web.intermediate, purpose: 'server', dnsNames: [name] };

describe('an outgoing connection [FAPI2-SP-FINAL-5.2.1-5]', () => {
  it.each<[string, OddLeaf, RegExp]>([
    ['another name [TLS-11]', { dnsNames: ['auth.localhost'] }, /altnames/],
    ['the name only as common name', { dnsNames: [], subject: `CN=${name}` }, /no alternative name/],
    ['the name only as URI', { dnsNames: [], uris: [`https://${name}`] }, /no alternative name/],
    ['a root of its own [TLS-12]', { issuer: pki.rogue('web').intermediate }, /unable to (get|verify)|signature/],
    ['a certificate of the services [TLS-12]', { issuer: pki.services.intermediate }, /unable to (get|verify)/],
    ['an expired certificate', { notAfter: new Date(Date.now() - 1000) }, /expired/],
    ['a certificate for clients', { purpose: 'client' }, /unsuitable certificate purpose|unsupported/],
    ['a certificate for no purpose', { purpose: 'none' }, /not for servers/],
  ])('is aborted before a byte is sent when the server shows %s', async (_, odd, message) => {
    const port = await listen(browserServerTls(pki.identity(pki.mint({ ...webServer, ...odd }))));
    await expect(connectTo(port)).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      code: expect.stringMatching(/CERT|ISSUER|LEAF|PURPOSE/) as string,
    });
  });

  it('stands when name, purpose and root are right', async () => {
    const port = await listen(browserServerTls(pki.identity('bank/api')));
    expect(await connectTo(port)).toBe('hello');
  });

  it('stands in https too, where Node asks the lookup for all addresses', async () => {
    const server = createHttpsServer(browserServerTls(pki.identity('bank/api')), (_, response) => response.end());
    openServers.add(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const agent = new Agent({
      ...clientTls({ serverTrust: pki.web.trust, names: 'loopback' }),
      autoSelectFamily: true,
    });
    const request = httpsRequest({ host: name, port, agent }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    agent.destroy();
  });

  it('leaves the lookup to the system when names come from DNS', () => {
    expect(clientTls({ serverTrust: pki.web.trust, names: 'dns' })).not.toHaveProperty('lookup');
    expect(clientTls({ serverTrust: pki.web.trust, names: 'dns' })).not.toHaveProperty('key');
  });
});
