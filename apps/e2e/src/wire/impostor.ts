import { createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PemIdentity } from './http.ts';

const PATIENCE = 8_000;

/** Somebody who sits at an address of the platform and answers with a certificate of their choice. */
export class Impostor {
  /** What was said to them once a connection stood, decrypted. */
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();
  #tries = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', () => this.#tries++).on('tlsClientError', () => undefined);
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      socket.on('data', (bytes) => this.heard.push(bytes.toString('latin1')));
    });
  }

  /** @param place a URL, or `host:port`; the port must be free */
  static async at(place: string, identity: PemIdentity): Promise<Impostor> {
    const server = createServer({ ...identity, ALPNProtocols: ['h2', 'http/1.1'], minVersion: 'TLSv1.3' });
    const impostor = new Impostor(server);
    const port = Number(/:(\d+)$/.exec(place)?.[1]);
    await new Promise<void>((resolve, reject) => server.on('error', reject).listen(port, '127.0.0.1', resolve));
    return impostor;
  }

  /** Another certificate from the next connection on; those that stand are cut. */
  show(identity: PemIdentity): void {
    this.#server.setSecureContext({ ...identity, minVersion: 'TLSv1.3' });
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * Waits until somebody has come who sees what is shown now.
   * @param lure asked again and again until it has led somebody here
   */
  async visited(lure: () => Promise<unknown> = () => sleep(20)): Promise<void> {
    const before = this.#tries;
    const until = performance.now() + PATIENCE;
    while (this.#tries === before) {
      if (performance.now() > until) throw new Error('nobody came to the impostor');
      await lure();
    }
    // What such a visitor has to say comes at once.
    await sleep(100);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
