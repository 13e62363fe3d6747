import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A network between two processes, which cannot read what it passes on, may hold answers up and may break. */
export class Relay {
  readonly port: number;
  readonly #far: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #holdUp = 0;

  private constructor(server: Server, far: number) {
    this.#far = far;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#pass(socket));
  }

  /** @param far the port on this machine that it leads to */
  static async to(far: number): Promise<Relay> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Relay(server, far);
  }

  /** @param milliseconds that every answer is under way from now on */
  holdUp(milliseconds: number): void {
    this.#holdUp = milliseconds;
  }

  /** Breaks every connection, and what is under way is lost; new ones pass at once. */
  cut(): void {
    this.#holdUp = 0;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(near: Socket): void {
    const far = connect({ host: '127.0.0.1', port: this.#far });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      if (this.#holdUp === 0) near.write(bytes);
      else setTimeout(() => near.writable && near.write(bytes), this.#holdUp);
    });
  }
}
