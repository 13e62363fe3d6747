import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface Ping {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Where a test client is told that a person has decided: a real HTTPS server under the web root of this home. */
export class NotificationEndpoint {
  readonly heard: Ping[] = [];
  answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end();
  readonly #tls: { readonly cert: string; readonly key: string };
  #server: Server | undefined;
  #port = 0;

  constructor(home: string) {
    const file = (ending: string): string =>
      readFileSync(join(home, 'pki/test-clients', `notification.${ending}`), 'utf8');
    this.#tls = { cert: file('crt'), key: file('key') };
  }

  get host(): string {
    return `suite.localhost:${this.#port}`;
  }

  /** Opens, at the same place as before. */
  async open(): Promise<void> {
    const server = createServer({ ...this.#tls, minVersion: 'TLSv1.3' }, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        this.heard.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
        this.answer(response);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
