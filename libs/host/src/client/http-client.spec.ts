import { once } from 'node:events';
import type { RequestListener, Server as PlainServer } from 'node:http';
import { createServer as createPlain } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { mtlsServerTls, thumbprint } from '@holdfast/mtls';
import { afterEach, describe, expect, it } from 'vitest';
import { pki } from '../testing/door.ts';
import type { HttpClient, HttpClientOptions } from './http-client.ts';
import { httpClient } from './http-client.ts';

const servers = new Set<Server | PlainServer>();
const clients = new Set<HttpClient>();
afterEach(async () => {
  await Promise.all([...clients].map((client) => client.close()));
  for (const server of servers) server.close().closeAllConnections();
  clients.clear();
  servers.clear();
});

const tls = mtlsServerTls(pki.identity('bank/api'), pki.participants.trust);

async function serve(listener: RequestListener, server: Server | PlainServer = createServer(tls)): Promise<string> {
  servers.add(server);
  server.on('request', listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const scheme = 'setSecureContext' in server ? 'https' : 'http';
  return `${scheme}://api.bank.localhost:${(server.address() as AddressInfo).port}`;
}

function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const made = httpClient({ serverTrust: pki.web.trust, names: 'loopback', ...options });
  clients.add(made);
  return made;
}

/** Why a call did not succeed: the innermost cause. */
async function reason(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'succeeded';
  } catch (error) {
    let inner = error as Error;
    while (inner.cause instanceof Error) inner = inner.cause;
    return `${(inner as { code?: string }).code ?? ''} ${inner.name} ${inner.message}`;
  }
}

/** Answers with the thumbprint of the certificate the caller presented. */
const whoAmI: RequestListener = (request, response) => {
  const certificate = request.socket instanceof TLSSocket ? request.socket.getPeerX509Certificate() : undefined;
  response.end(certificate === undefined ? 'nobody' : thumbprint(certificate.raw));
};

describe('an outgoing call', () => {
  it('is not made to a server from an authority outside the given trust [FAPI2-SP-FINAL-5.2.1-5] [TLS-12]', async () => {
    const url = await serve(whoAmI);
    expect(await reason(client({ serverTrust: pki.services.trust }).fetch(url))).toMatch(/CERT|ISSUER|SELF_SIGNED/);
  });

  it('is not made to a server with another name [FAPI2-SP-FINAL-5.2.1-5] [TLS-11]', async () => {
    const url = (await serve(whoAmI)).replace('api.bank', 'other');
    expect(await reason(client().fetch(url))).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is not made in plain text', async () => {
    let asked = 0;
    const url = await serve((_request, response) => response.end(String(asked++)), createPlain());
    expect(await reason(client().fetch(url))).toContain('only https is spoken here');
    expect(asked).toBe(0);
  });

  it('does not follow a redirect, not even to the same host, and shows it [TLS-13]', async () => {
    let asked = 0;
    const url = await serve((_request, response) => response.writeHead(307, { location: `/${++asked}` }).end());
    const answer = await client().fetch(url, { method: 'POST', body: 'a=1', redirect: 'follow' });
    expect({ status: answer.status, location: answer.headers.get('location'), asked }).toEqual({
      status: 307,
      location: '/1',
      asked: 1,
    });
  });

  it('ends at its deadline, before the headers and in the middle of the body', async () => {
    const silent = await serve(() => undefined);
    expect(await reason(client({ deadlineMs: 200 }).fetch(silent))).toContain('TimeoutError');
    const drip = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const body = client({ deadlineMs: 200 })
      .fetch(drip)
      .then((answer) => answer.text());
    expect(await reason(body)).toContain('TimeoutError');
  });

  it('ends when the caller no longer wants it', async () => {
    const silent = await serve(() => undefined);
    const signal = AbortSignal.timeout(50);
    expect(await reason(client().fetch(silent, { signal }))).toContain('TimeoutError');
  });

  it('ends when the answer is larger than the bound', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(2_000)));
    const body = client({ maxAnswerBytes: 1_000 })
      .fetch(url)
      .then((answer) => answer.text());
    expect(await reason(body)).toContain('UND_ERR_RES_EXCEEDED_MAX_SIZE');
  });

  it('asks for no compression and refuses an answer that is compressed all the same', async () => {
    let asked: unknown;
    const url = await serve((request, response) => {
      asked = request.headers['accept-encoding'];
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000)));
    });
    expect(await reason(client().fetch(url))).toContain('the answer is compressed');
    expect(asked).toBe('identity');
  });

  it('presents the identity it was given, and none otherwise', async () => {
    const url = await serve(whoAmI);
    const identity = pki.identity('fintech/transport');
    const answer = await client({ identity }).fetch(url);
    expect(await answer.text()).toBe(identity.current().leaf.thumbprint);
    expect(await (await client().fetch(url)).text()).toBe('nobody');
  });
});

describe('a renewed client certificate', () => {
  it('is presented by the next call, while calls in flight finish with the old one', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/slow') setTimeout(() => whoAmI(request, response), 300);
      else whoAmI(request, response);
    });
    const identity = pki.identity('fintech/transport');
    const { thumbprint: old } = identity.current().leaf;
    const { fetch } = client({ identity });
    const slow = fetch(`${url}/slow`);
    await sleep(100);
    identity.swap(pki.leaf('lab/first-client'));
    expect(await (await fetch(url)).text()).toBe(pki.peer('lab/first-client').thumbprint);
    expect(await (await slow).text()).toBe(old);
  });

  it('fails no call of a crowd that keeps calling', async () => {
    const url = await serve(whoAmI);
    const identity = pki.identity('fintech/transport');
    const { fetch } = client({ identity });
    const seen = new Set<string>();
    const crowd = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 25; i++) seen.add(await (await fetch(url)).text());
    });
    for (const name of ['lab/first-client', 'lab/second-client'] as const) {
      await sleep(20);
      identity.swap(pki.leaf(name));
    }
    await Promise.all(crowd);
    expect([...seen]).toContain(pki.peer('lab/second-client').thumbprint);
  });

  it('is no longer followed once the client is closed, and calls in flight are let finish', async () => {
    const url = await serve((request, response) => void setTimeout(() => whoAmI(request, response), 200));
    const identity = pki.identity('fintech/transport');
    const closing = httpClient({ serverTrust: pki.web.trust, names: 'loopback', identity });
    const inFlight = closing.fetch(url).then((answer) => answer.text());
    await sleep(100);
    await closing.close();
    expect(await inFlight).toBe(identity.current().leaf.thumbprint);
    identity.swap(pki.leaf('lab/first-client'));
    expect(await reason(closing.fetch(url))).toMatch(/closed|destroyed/i);
  });
});
