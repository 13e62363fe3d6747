import { once } from 'node:events';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { browserServerTls } from '@holdfast/mtls';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import type { RpcServer } from '@holdfast/rpc';
import { serveRpc } from '@holdfast/rpc';
import type { Revocation, RevocationUpdate } from '@holdfast/rpc/authorization';
import { RevocationKind, TokenStatus } from '@holdfast/rpc/authorization';
import { TokenForge } from './access-tokens.ts';

const HEARTBEAT_MS = 500;
const SERVICE = 'holdfast.authorization.v1.TokenStatus';

/**
 * The authorization server as the bank sees it: metadata and keys over HTTPS, token status over gRPC. It comes and goes as
 * a test wants, always on the same ports.
 */
export class StandInAuthorizationServer {
  readonly #pki: ThrowAwayPki;
  readonly #revoked: Revocation[] = [];
  readonly forge: TokenForge;
  readonly webPort: number;
  readonly rpcPort: number;
  /** When true the stream stays open and says nothing. */
  mute = false;
  introspected = 0;
  #news = new EventTarget();
  #web: Server | undefined;
  #rpc: RpcServer | undefined;

  constructor(pki: ThrowAwayPki, audience: string, ports: { web: number; rpc: number }) {
    this.#pki = pki;
    this.webPort = ports.web;
    this.rpcPort = ports.rpc;
    this.forge = new TokenForge(`https://auth.localhost:${ports.web}`, audience);
  }

  revoke(kind: 'GRANT' | 'ACCESS_TOKEN', id: string, seconds = 600): void {
    this.#revoked.push({ kind: RevocationKind[kind], id, expiresAt: Math.floor(Date.now() / 1000) + seconds });
    this.#news.dispatchEvent(new Event('revocation'));
  }

  async start(): Promise<void> {
    await this.startWeb();
    await this.startRpc();
  }

  async startWeb(): Promise<void> {
    const { issuer } = this.forge;
    const documents: Record<string, object> = {
      '/.well-known/oauth-authorization-server': { issuer, jwks_uri: `${issuer}/jwks` },
      '/jwks': this.forge.jwks,
    };
    this.#web = createServer(
      browserServerTls(this.#pki.identity('authorization-server/browser')),
      (request, response) => {
        const document = documents[request.url ?? ''];
        response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(document ?? {}));
      },
    );
    this.#web.listen(this.webPort, '127.0.0.1');
    await once(this.#web, 'listening');
  }

  async startRpc(): Promise<void> {
    this.#rpc = await serveRpc({
      name: 'authorization-server',
      address: { host: '127.0.0.1', port: this.rpcPort },
      identity: this.#pki.identity('authorization-server/service'),
      peers: this.#pki.door('services'),
      callers: {
        [`${SERVICE}/Introspect`]: ['bank'],
        [`${SERVICE}/WatchRevocations`]: ['bank'],
        'grpc.health.v1.Health/Check': ['bank'],
        'grpc.health.v1.Health/Watch': ['bank'],
      },
      services: [
        {
          definition: TokenStatus,
          implementation: {
            introspect: async ({ tokenId, grantId }) => this.#introspect(tokenId, grantId),
            watchRevocations: (_, { signal }) => this.#watch(signal),
          },
        },
      ],
    });
  }

  async stopRpc(): Promise<void> {
    await this.#rpc?.close();
    this.#rpc = undefined;
  }

  async stop(): Promise<void> {
    await this.stopRpc();
    this.#web?.closeAllConnections();
    this.#web?.close();
    this.#web = undefined;
  }

  #introspect(tokenId: string, grantId: string): { active: boolean } {
    this.introspected += 1;
    return { active: !this.#revoked.some(({ id }) => id === tokenId || id === grantId) };
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<RevocationUpdate> {
    let cursor = 0;
    while (!signal.aborted) {
      const revocations = this.#revoked.slice(cursor);
      cursor = this.#revoked.length;
      if (!this.mute) yield { cursor, revocations, snapshotComplete: true };
      await this.#nextBeat(signal);
    }
  }

  async #nextBeat(signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const news = new Promise<void>((resolve) => {
      this.#news.addEventListener('revocation', () => resolve(), { once: true, signal: done.signal });
    });
    const either = AbortSignal.any([signal, done.signal]);
    await Promise.race([news, sleep(HEARTBEAT_MS, undefined, { signal: either }).catch(() => undefined)]);
    done.abort();
  }
}

/** Ports nobody listens on at this moment. */
export async function freePorts<const N extends readonly string[]>(...names: N): Promise<Record<N[number], number>> {
  const servers = names.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return Object.fromEntries(names.map((name, index) => [name, ports[index]])) as Record<N[number], number>;
}
