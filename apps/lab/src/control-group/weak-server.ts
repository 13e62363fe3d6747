import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ServerOptions } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** A request as the weak servers like it: everything parsed, nothing judged, query and form poured into one pot. */
export interface WeakRequest {
  /** `POST /token` */
  readonly route: string;
  readonly path: string;
  /** Query *and* form fields together: where a parameter came from is the first thing these servers forget. */
  readonly parameters: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly socket: TLSSocket;
}

export interface WeakResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is a page, anything else is sent as JSON. */
  readonly body?: string | object;
}

export interface WeakServer {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /**
   * The access log as many platforms write it: the whole URL and the Authorization header. What was used once can be
   * read here for weeks, by everybody who may read logs.
   */
  readonly accessLog: readonly string[];
  close(): Promise<void>;
}

/**
 * One HTTPS listener on a random loopback port. TLS itself is in order in the whole control group: encryption is not what
 * these servers lack.
 */
export async function startWeakServer(
  tls: ServerOptions,
  answer: (request: WeakRequest) => WeakResponse | Promise<WeakResponse>,
): Promise<WeakServer> {
  const accessLog: string[] = [];
  const server = createServer(tls, (message, response) => {
    accessLog.push(`${message.method} ${message.url} ${message.headers.authorization ?? '-'}`);
    void readRequest(message)
      .then(answer)
      .catch((error: unknown): WeakResponse => ({ status: 500, body: String(error) }))
      .then(({ status, headers = {}, body = '' }) => {
        const isPage = typeof body === 'string';
        response.writeHead(status, { 'content-type': isPage ? 'text/html' : 'application/json', ...headers });
        response.end(isPage ? body : JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessLog,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(message: IncomingMessage): Promise<WeakRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = new URL(message.url ?? '/', 'https://weak.invalid');
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  return {
    route: `${message.method} ${url.pathname}`,
    path: url.pathname,
    parameters: new URLSearchParams([...url.searchParams, ...form]),
    headers: message.headers,
    socket: message.socket as TLSSocket,
  };
}
