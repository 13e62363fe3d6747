import type { TLSSocket } from 'node:tls';
import { dial } from './ask.ts';

/** What came back for bytes that were sent: a status and a body, or nothing before the connection ended. */
export interface RawAnswer {
  readonly status: number | undefined;
  readonly body: string;
}

const NO_ANSWER: RawAnswer = { status: undefined, body: '' };
// Milliseconds. Whoever still waits for a part of a request by then is told that no more will come.
const PATIENCE = 250;

/**
 * Sends bytes as they are, one request after the other on one connection for as long as the server keeps it. A handshake takes
 * longer than a request, and a property makes hundreds of them.
 */
export class Dialogue {
  readonly #port: number;
  #socket: TLSSocket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async ask(request: string | Buffer): Promise<RawAnswer> {
    const socket = this.#socket?.writable === true ? this.#socket : await dial(this.#port);
    this.#socket = socket;
    const answer = await exchange(socket, Buffer.from(request as string, 'latin1'));
    if (answer.ended) this.close();
    return answer;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

function exchange(socket: TLSSocket, request: Buffer): Promise<RawAnswer & { readonly ended: boolean }> {
  return new Promise((resolve) => {
    let text = '';
    const end = (ended: boolean): void => {
      clearTimeout(impatience);
      socket.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error');
      socket.on('error', () => undefined);
      resolve({ ...(read(text) ?? NO_ANSWER), ended });
    };
    const impatience = setTimeout(() => socket.end(), PATIENCE);
    socket.on('error', () => undefined);
    socket.on('close', () => end(true));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (read(text) !== undefined) end(/^connection: close\r$/im.test(text));
    });
    socket.write(request);
  });
}

/** A whole answer, or undefined while some of it is missing. Ours always say their length. */
function read(text: string): RawAnswer | undefined {
  const head = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, head + 2))?.[1];
  if (head < 0 || length === undefined || text.length < head + 4 + Number(length)) return undefined;
  const body = text.slice(head + 4, head + 4 + Number(length));
  return { status: Number(text.slice(9, 12)), body: Buffer.from(body, 'latin1').toString() };
}
