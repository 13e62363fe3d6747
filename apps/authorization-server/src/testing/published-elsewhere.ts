import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mtlsServerTls } from '@holdfast/mtls';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';

/** The server of somebody else on this machine, and how often anybody has connected to it. */
export class ElsewhereServer {
  readonly #server: Server;
  connections = 0;
  requests = 0;
  answer: RequestListener = (_request, response) => void response.writeHead(404).end();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', () => this.connections++);
    server.on('request', (request, response) => {
      this.requests++;
      this.answer(request, response);
    });
  }

  /** @param names what its certificate says, under the web authority */
  static async start(pki: ThrowAwayPki, ...names: readonly string[]): Promise<ElsewhereServer> {
    const leaf = pki.mint({ issuer: pki.web.intermediate, purpose: 'server', dnsNames: names });
    const server = createServer(mtlsServerTls(pki.identity(leaf), pki.participants.trust));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ElsewhereServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on every request is answered so. */
  says(body: unknown, headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }): void {
    this.answer = (_request, response) => void response.writeHead(200, headers).end(JSON.stringify(body));
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
