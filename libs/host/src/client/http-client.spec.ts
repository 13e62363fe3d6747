import { once } from 'node:events';
import type { RequestListener, Server as PlainServer } from 'node:http';
import { createServer as createPlain } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { liveTrust, mtlsServerTls, thumbprint, TRUST_FRESHNESS } from '@holdfast/mtls';
import type { LiveTrust } from '@holdfast/mtls';
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

  describe('whose connection ends before there is an answer', () => {
    /** Hangs up on the first so many requests. */
    async function hangsUp(times: number) {
      const asked: string[] = [];
      const url = await serve((request, response) => {
        asked.push(request.method ?? '');
        if (asked.length <= times) request.socket.destroy();
        else response.end('well');
      });
      return { url, asked };
    }

    it('is made once more when it changes nothing [RFC9112-9.3.1]', async () => {
      const { url, asked } = await hangsUp(1);
      expect(await (await client().fetch(url)).text()).toBe('well');
      expect(asked).toEqual(['GET', 'GET']);
    });

    it('is not made a third time', async () => {
      const { url, asked } = await hangsUp(9);
      expect(await reason(client().fetch(url))).toContain('UND_ERR_SOCKET');
      expect(asked).toEqual(['GET', 'GET']);
    });

    it('is not made again when it may have changed something [RFC9110-9.2.2]', async () => {
      const { url, asked } = await hangsUp(1);
      expect(await reason(client().fetch(url, { method: 'POST', body: 'a=1' }))).toContain('UND_ERR_SOCKET');
      expect(asked).toEqual(['POST']);
    });
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

describe('a server whose certificate was taken back', () => {
  const revoke = (live: LiveTrust): void =>
    live.apply(pki.state({ version: live.version + 1, revoked: [pki.leaf('bank/api')] }), new Date());

  it('is not sent a request, and the caller is told why in a code [RFC5280-6.3]', async () => {
    let asked = 0;
    const url = await serve((_request, response) => response.end(String(asked++)));
    const live = pki.live();
    const { fetch } = client({ serverTrust: live.of('web') });
    expect(await (await fetch(url)).text()).toBe('0');
    revoke(live);
    expect(await reason(fetch(url))).toMatch(/^certificate_revoked ServerRefused/);
    expect(asked).toBe(1);
  });

  it('loses the connections that are open, and the call in flight fails with the same code', async () => {
    const url = await serve((request, response) => {
      if (request.url !== '/slow') response.end('quick');
    });
    const live = pki.live();
    const { fetch } = client({ serverTrust: live.of('web') });
    await (await fetch(url)).text();
    const [server] = [...servers].slice(-1) as Server[];
    const slow = reason(fetch(`${url}/slow`));
    await sleep(100);
    revoke(live);
    expect(await slow).toMatch(/^certificate_revoked ServerRefused/);
    await expect.poll(() => new Promise((resolve) => server?.getConnections((_e, count) => resolve(count)))).toBe(0);
  });

  it('is talked to again with a new certificate', async () => {
    const live = pki.live();
    const server = createServer(tls);
    const url = await serve(whoAmI, server);
    const { fetch } = client({ serverTrust: live.of('web') });
    revoke(live);
    expect(await reason(fetch(url))).toContain('certificate_revoked');
    const { certificatePem: cert, keyPem: key } = pki.mint({
      issuer: pki.web.intermediate,
      dnsNames: ['api.bank.localhost'],
      purpose: 'server',
    });
    server.setSecureContext({ ...tls, cert, key });
    expect(await (await fetch(url)).text()).toBe('nobody');
  });

  it('is refused as well when nobody can tell, on the connection it keeps too', async () => {
    let asked = 0;
    const url = await serve((_request, response) => response.end(String(asked++)));
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const live = liveTrust(pki.state(), 'authority', clock.now());
    live.confirm(clock.now());
    const { fetch } = client({ serverTrust: live.of('web'), clock });
    expect(await (await fetch(url)).text()).toBe('0');
    clock.at += TRUST_FRESHNESS.graceMs + 1;
    expect(await reason(fetch(url))).toMatch(/^revocation_unknown ServerRefused/);
    expect(asked).toBe(1);
    live.confirm(clock.now());
    expect(await (await fetch(url)).text()).toBe('1');
  });
});

describe('other authorities of servers', () => {
  it('count for the next call, while calls in flight finish and none of a crowd fails', async () => {
    const next = pki.rogue('web');
    const moved = pki.mint({ issuer: next.intermediate, dnsNames: ['api.bank.localhost'], purpose: 'server' });
    const live = pki.live();
    const server = createServer(tls);
    const url = await serve((request, response) => {
      if (request.url === '/slow') setTimeout(() => response.end('slow'), 400);
      else response.end('quick');
    }, server);
    const { fetch } = client({ serverTrust: live.of('web') });
    const apply = (...web: (typeof next)[]): void =>
      live.apply(pki.state({ version: live.version + 1, authorities: { web } }), new Date());
    let calling = true;
    let answered = 0;
    const crowd = Array.from({ length: 8 }, async () => {
      while (calling) {
        await (await fetch(url)).text();
        answered += 1;
      }
    });
    const more = async (count: number): Promise<void> => {
      const enough = answered + count;
      while (answered < enough) await sleep(5);
    };
    await more(50);
    apply(pki.web, next);
    await more(50);
    server.setSecureContext({ ...tls, cert: moved.certificatePem, key: moved.keyPem });
    await more(50);
    // What was begun with the old server ends with it; only then is nobody left whom the old authority vouched for.
    const slow = fetch(`${url}/slow`);
    await sleep(50);
    calling = false;
    await Promise.all(crowd);
    apply(next);
    expect(await (await fetch(url)).text()).toBe('quick');
    expect(await (await slow).text()).toBe('slow');
    // The old server is not believed any more.
    server.setSecureContext(tls);
    apply(next, pki.rogue('web'));
    expect(await reason(fetch(url))).toMatch(/CERT|ISSUER|SELF_SIGNED|SIGNATURE/);
  });
});
