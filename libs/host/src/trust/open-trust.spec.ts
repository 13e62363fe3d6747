import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { mtlsServerTls, thumbprint } from '@holdfast/mtls';
import type { TrustState } from '@holdfast/mtls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OwnedContext } from '../process/context.ts';
import { contextForTest, pki } from '../testing/door.ts';
import { openHoldings } from './holdings.ts';
import type { Holdings } from './holdings.ts';
import { openTrust } from './open-trust.ts';
import type { ProcessTrust } from './open-trust.ts';

const leaf = pki.mint({ issuer: pki.web.intermediate, dnsNames: ['ca.localhost'], purpose: 'server' });
const tls = mtlsServerTls(pki.identity(leaf), pki.participants.trust);
const transport = { certificate: 'pki/fintech/transport.crt', key: 'pki/fintech/transport.key' };
const peer = pki.peer('lab/first-client');

/** The certificate authority as HTTPS shows it. */
class Authority {
  state: TrustState = pki.state();
  answer: ((response: ServerResponse) => void) | undefined;
  readonly asked: { readonly ifNoneMatch: string | undefined; readonly status: number }[] = [];
  readonly told: { readonly body: Record<string, unknown>; readonly by: string | undefined }[] = [];
  #server: Server | undefined;

  async open(port = 0): Promise<string> {
    this.#server = createServer(tls, (request, response) => void this.#handle(request, response));
    await once(this.#server.listen(port, '127.0.0.1'), 'listening');
    return `https://ca.localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server?.close().closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === '/trust/acknowledgements') {
      const presented = request.socket instanceof TLSSocket ? request.socket.getPeerX509Certificate() : undefined;
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      this.told.push({ body, by: presented && thumbprint(presented.raw) });
      response.writeHead(204).end();
      return;
    }
    if (this.answer !== undefined) {
      this.answer(response);
      return;
    }
    const tag = `"${this.state.version}"`;
    const ifNoneMatch = request.headers['if-none-match'];
    const status = ifNoneMatch === tag ? 304 : 200;
    this.asked.push({ ifNoneMatch, status });
    response.writeHead(status, { etag: tag }).end(status === 304 ? undefined : JSON.stringify(this.state));
  }
}

let authority: Authority;
let ctx: OwnedContext<unknown>;
let home: string;
let log: string[];
let trust: ProcessTrust | undefined;
let holdings: Holdings;

// One home for all: making the keys in it is the slow part.
const made = mkdtempSync(join(tmpdir(), 'holdfast-trust-'));
pki.write(made);

beforeEach(() => {
  authority = new Authority();
  ({ ctx, home, log } = contextForTest());
  holdings = openHoldings(ctx);
  cpSync(join(made, 'pki'), join(home, 'pki'), { recursive: true });
});
afterEach(async () => {
  await trust?.close();
  holdings.close();
  authority.close();
  ctx.release();
  rmSync(home, { recursive: true });
});

async function follow(url: string, feed?: string): Promise<ProcessTrust> {
  const opened = openTrust(ctx, { trust: 'pki/trust', url, ...(feed === undefined ? {} : { feed }) });
  opened.follow({ identity: holdings.identity(transport), names: 'loopback', held: holdings.held });
  return (trust = opened);
}
const status = () => trust?.of('participants').revocations.statusOf(peer, new Date());

describe('what the authority says over HTTPS', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['an answer that is no state', (response) => response.end('{}')],
    [
      'a state with another member',
      (response) => response.end(JSON.stringify({ ...pki.state({ version: 9 }), more: 1 })),
    ],
    ['an error', (response) => response.writeHead(500).end()],
    ['"not modified" though nothing was known', (response) => response.writeHead(304).end()],
    ['a redirect', (response) => response.writeHead(302, { location: 'https://ca.localhost/' }).end()],
    [
      'a bundle with a leaf',
      (response) => {
        const state = pki.state({ version: 9 });
        const web = { ...state.purposes.web, authorities: pki.web.trust.pem + pki.leaf('lab/web').certificatePem };
        response.end(JSON.stringify({ ...state, purposes: { ...state.purposes, web } }));
      },
    ],
  ])('is not taken and confirms nothing when it is %s', async (_, answer) => {
    const url = await authority.open();
    authority.answer = answer;
    await follow(url);
    await expect.poll(() => log.join('')).toMatch(/is not taken|cannot be reached/);
    expect([trust?.live.version, trust?.live.confirmedAt, status()]).toEqual([0, undefined, 'unknown']);
    expect((await ctx.health.readiness()).failing).toEqual(['trust']);
    authority.answer = undefined;
    await expect.poll(status).toBe('good');
  });

  it('is not listened to when another server speaks', async () => {
    const url = (await authority.open()).replace('ca.localhost', 'auth.localhost');
    await follow(url);
    await expect.poll(() => log.join('')).toContain('not in the cert');
    expect(status()).toBe('unknown');
  });

  it('is in force within a second, is confirmed by "not modified", and acknowledged with the certificates held', async () => {
    await follow(await authority.open());
    await expect.poll(status).toBe('good');
    expect(await ctx.health.readiness()).toMatchObject({ ready: true });
    await expect.poll(() => authority.asked.length).toBe(2);
    expect(authority.asked).toEqual([
      { ifNoneMatch: undefined, status: 200 },
      { ifNoneMatch: '"1"', status: 304 },
    ]);
    authority.state = pki.state({ version: 2, revoked: [pki.leaf('lab/first-client')] });
    await expect.poll(status, { timeout: 1_500 }).toBe('revoked');
    await expect.poll(() => authority.told.length).toBe(2);
    const { thumbprint: own, notAfter } = pki.peer('fintech/transport');
    expect(authority.told).toEqual(
      [1, 2].map((version) => ({
        by: own,
        body: {
          instance: expect.stringMatching(/^[\w-]{22}$/) as string,
          version,
          certificates: [
            {
              name: 'fintech/transport',
              thumbprint: own,
              issuer: thumbprint(pki.participants.intermediate.certificate.raw),
              notAfter: Math.floor(notAfter.getTime() / 1000),
            },
          ],
        },
      })),
    );
    expect(authority.told[0]?.body['instance']).toBe(authority.told[1]?.body['instance']);
  });

  it.each([
    ['hears of a process that ends', true],
    ['does not keep a process from ending when it is away', false],
  ])('%s', async (_, isThere) => {
    const opened = await follow(await authority.open());
    await expect.poll(() => authority.told.length).toBe(1);
    if (!isThere) authority.close();
    await opened.close();
    trust = undefined;
    const { instance } = authority.told[0]?.body ?? {};
    const last = { instance, version: 0, certificates: [] };
    expect(authority.told.slice(1).map(({ body }) => body)).toEqual(isThere ? [last] : []);
  });

  it('is asked for again as a whole when something else has changed what is in force', async () => {
    await follow(await authority.open());
    await expect.poll(status).toBe('good');
    trust?.live.apply(pki.state({ version: 5 }), new Date());
    authority.state = pki.state({ version: 6, revoked: [pki.leaf('lab/first-client')] });
    await expect.poll(status).toBe('revoked');
    expect(authority.asked.at(-1)).toEqual({ ifNoneMatch: undefined, status: 200 });
  });

  it('is told of once when it stops and once when it goes on', async () => {
    const url = await authority.open();
    await follow(url);
    await expect.poll(status).toBe('good');
    authority.close();
    const said = (words: string) => log.filter((line) => line.includes(words)).length;
    await expect.poll(() => said('cannot be reached')).toBe(1);
    authority.state = pki.state({ version: 2 });
    await authority.open(Number(new URL(url).port));
    await expect.poll(() => trust?.live.version).toBe(2);
    expect([said('cannot be reached'), said('is reached again')]).toEqual([1, 1]);
  });

  it('is not asked while a stream brings the same, and is when that falls silent', async () => {
    const url = await authority.open();
    const opened = openTrust(ctx, { trust: 'pki/trust', url, feed: 'rpc.ca.localhost:1' });
    trust = opened;
    opened.live.apply(pki.state({ version: 3 }), new Date());
    authority.state = pki.state({ version: 4 });
    opened.follow({ identity: holdings.identity(transport), names: 'loopback', held: holdings.held });
    const heartbeat = setInterval(() => opened.live.confirm(new Date()), 200);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    clearInterval(heartbeat);
    expect(authority.asked).toEqual([]);
    await expect.poll(() => opened.live.version).toBe(4);
  });
});
