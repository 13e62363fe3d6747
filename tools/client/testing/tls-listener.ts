import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { thumbprint } from '@holdfast/mtls';

/** A request as the hostile server sees it. */
export interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** `x5t#S256` of the certificate on the connection, if the client sent one. */
  readonly certificate: string | undefined;
}

export interface Outgoing {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text. */
  readonly body?: unknown;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** A TLS server on a free port of the loopback that answers with what `handle` returns. */
export async function listen(
  tls: ServerOptions,
  handle: (request: Incoming) => Outgoing | Promise<Outgoing>,
): Promise<Listener> {
  const server = createServer(tls, (request, response) => {
    void read(request)
      .then(handle)
      .catch((fault: unknown): Outgoing => ({ status: 500, body: { error: 'server_error', fault: String(fault) } }))
      .then((answer) => write(response, answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<Incoming> {
  const url = new URL(request.url ?? '/', `https://${request.headers.host}`);
  const peer = request.socket instanceof TLSSocket ? request.socket.getPeerX509Certificate() : undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    url: `${url.origin}${url.pathname}`,
    query: url.searchParams,
    form: new URLSearchParams(Buffer.concat(chunks).toString('utf8')),
    headers: request.headers,
    certificate: peer === undefined ? undefined : thumbprint(peer.raw),
  };
}

function write(response: ServerResponse, { status, headers = {}, body }: Outgoing): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}
