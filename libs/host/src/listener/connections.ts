import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * The open connections of a listener, and how they end without failing a call. A kept-alive connection is the danger: closing it
 * while the peer is sending its next request loses that request. So its answers first announce that it ends.
 */
export class Connections {
  /** Every open TCP connection, also those still in their handshake. */
  readonly #open = new Set<Socket>();
  /** Connections that carry no request at the moment. */
  readonly #resting = new Set<Socket>();
  /** Connections with a request that is not answered yet. */
  readonly #busy = new Set<Socket>();
  /** Connections whose next answer announces their end. */
  readonly #ending = new WeakSet<Socket>();
  #allEnd = false;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
    server.on('secureConnection', (socket: Socket) => {
      this.#resting.add(socket);
      socket.once('close', () => this.#resting.delete(socket) || this.#busy.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      if (this.#resting.delete(socket)) this.#busy.add(socket);
      response.once('close', () => this.#busy.delete(socket) && this.#resting.add(socket));
    });
  }

  /** Makes answers on connections that end say so. */
  announceOn(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (request, reply, _payload, done) => {
      if (this.#allEnd || this.#ending.has(request.raw.socket)) reply.header('connection', 'close');
      done();
    });
  }

  get open(): number {
    return this.#open.size;
  }

  get resting(): number {
    return this.#resting.size;
  }

  get busy(): number {
    return this.#busy.size;
  }

  /** From now on every answer announces the end of its connection, on those of the future too. */
  announceEnd(): void {
    this.#allEnd = true;
  }

  /** Ends connections without a request, once what was written on them is out. */
  endResting(): void {
    for (const socket of this.#resting) socket.destroySoon();
  }

  /**
   * Has every connection of this moment come back as a new one: those with a request after its answer, those at rest after
   * `lameDuck` milliseconds, in which the request that may be under way is still answered.
   */
  renew(lameDuck: number): void {
    const now = [...this.#resting, ...this.#busy];
    for (const socket of now) this.#ending.add(socket);
    setTimeout(() => {
      for (const socket of now) if (this.#resting.has(socket)) socket.destroySoon();
    }, lameDuck).unref();
  }

  /** Cuts connections off at once, whatever they carry. */
  cut(which: (socket: Socket) => boolean = () => true): void {
    for (const socket of [...this.#resting, ...this.#busy]) if (which(socket)) socket.destroy();
  }

  /** Cuts everything off, handshakes included. */
  cutAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
