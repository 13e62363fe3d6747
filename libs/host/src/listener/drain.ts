import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Limits } from './limits.ts';

type DrainLimits = Pick<Limits, 'lameDuck' | 'drainIdle' | 'drain'>;

/**
 * Ends a listener without failing a call. A kept-alive connection is the danger: closing it while the peer is sending its
 * next request loses that request. So for a while everything is still answered, each answer announcing that its
 * connection closes; then nothing new is accepted, what is in flight finishes, and connections at rest are ended.
 */
export class Drain {
  readonly #server: Server;
  readonly #limits: DrainLimits;
  /** Every open TCP connection, also those still in their handshake. */
  readonly #open = new Set<Socket>();
  /** Connections that carry no request at the moment. */
  readonly #resting = new Set<Socket>();
  /** Connections with a request that is not answered yet. */
  readonly #busy = new Set<Socket>();
  #draining = false;

  constructor(server: Server, limits: DrainLimits) {
    this.#server = server;
    this.#limits = limits;
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

  /** Makes every answer sent from the start of the drain announce the end of its connection. */
  announceOn(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (_request, reply, _payload, done) => {
      if (this.#draining) reply.header('connection', 'close');
      done();
    });
  }

  /** @returns how many connections had to be cut off with a request in them */
  async run(): Promise<number> {
    const end = performance.now() + this.#limits.drain;
    this.#draining = true;
    await sleep(this.#limits.lameDuck);
    this.#server.close();
    await settled(() => this.#open.size === 0, performance.now() + this.#limits.drainIdle);
    await settled(() => this.#endResting(), end);
    const cut = this.#busy.size;
    for (const socket of this.#open) socket.destroy();
    return cut;
  }

  /** Ends connections without a request, once what was written on them is out. What is left then is in its handshake. */
  #endResting(): boolean {
    for (const socket of this.#resting) socket.destroySoon();
    return this.#resting.size === 0 && this.#busy.size === 0;
  }
}

const POLL_MS = 20;

async function settled(done: () => boolean, until: number): Promise<void> {
  while (!done() && performance.now() < until) await sleep(POLL_MS);
}
