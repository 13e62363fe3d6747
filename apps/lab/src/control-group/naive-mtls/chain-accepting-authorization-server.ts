import { createHash } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { WeakRequest } from '../weak-server.ts';
import type { WeakTokens } from '../weak-tokens.ts';
import type { NaiveClients } from './any-certificate-authorization-server.ts';
import { AnyCertificateAuthorizationServer } from './any-certificate-authorization-server.ts';
import { readCertificateMessage } from './certificate-message.ts';

/**
 * Knows which certificate belongs to which client, and accepts a client when *any* certificate it sent is that one. But
 * a peer may send whatever it likes after its own certificate: only the first one is backed by a signature.
 *
 * Node shows an application the leaf and its issuers, never the stray rest, so this server stands behind a small door
 * that reads the Certificate message itself, as network appliances do. That needs TLS 1.2.
 */
export class ChainAcceptingAuthorizationServer extends AnyCertificateAuthorizationServer {
  readonly #clients: NaiveClients;
  readonly #sentBy = new Map<number, readonly Buffer[]>();
  #door: Server | undefined;

  constructor(codes: WeakTokens, tokens: WeakTokens, clients: NaiveClients) {
    super(codes, tokens);
    this.#clients = clients;
  }

  override async start(tls: ServerOptions): Promise<void> {
    await super.start({ ...tls, maxVersion: 'TLSv1.2' });
    const door = createServer((client) => this.#letThrough(client, Number(new URL(this.server.url).port)));
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    this.#door = door;
  }

  /** The address clients use. */
  get url(): string {
    return `https://127.0.0.1:${(this.#door?.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await this.server.close();
    await new Promise((resolve) => this.#door?.close(resolve));
  }

  protected override identify(request: WeakRequest): string | undefined {
    const claimed = super.identify(request);
    const registered = claimed === undefined ? undefined : this.#clients.get(claimed);
    // Lost here: which of these certificates the peer proved to own. `some` should have been "the first".
    const sent = this.#sentBy.get(request.socket.remotePort ?? -1) ?? [];
    const found = sent.some((der) => createHash('sha256').update(der).digest('base64url') === registered);
    return found ? claimed : undefined;
  }

  #letThrough(client: Socket, port: number): void {
    const server = connect({ port, host: '127.0.0.1' });
    let seen: Buffer | undefined = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      if (seen !== undefined) {
        seen = Buffer.concat([seen, chunk]);
        const certificates = readCertificateMessage(seen);
        if (certificates !== undefined && server.localPort !== undefined) {
          this.#sentBy.set(server.localPort, certificates);
          seen = undefined;
        }
      }
      server.write(chunk);
    });
    server.pipe(client);
    client.on('close', () => server.destroy()).on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  }
}
