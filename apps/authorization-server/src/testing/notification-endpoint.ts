import { createServer } from 'node:https';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LeafName } from '@holdfast/mtls/testing';
import { pki } from './server-under-test.ts';

export interface Ping {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Leaf = ReturnType<typeof pki.leaf>;

/** A client's notification endpoint over real TLS: what it heard, and what it answers. */
export class NotificationEndpoint {
  readonly heard: Ping[] = [];
  answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end();
  readonly #server;

  private constructor({ certificatePem, keyPem }: Pick<Leaf, 'certificatePem' | 'keyPem'>) {
    this.#server = createServer({ cert: certificatePem, key: keyPem, minVersion: 'TLSv1.3' }, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        this.heard.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
        this.answer(response);
      });
    });
    // Whoever breaks the handshake off is no concern of this end.
    this.#server.on('tlsClientError', () => undefined);
  }

  static async open(certificate: LeafName | Leaf = 'lab/web'): Promise<NotificationEndpoint> {
    const endpoint = new NotificationEndpoint(typeof certificate === 'string' ? pki.leaf(certificate) : certificate);
    await new Promise<void>((resolve) => endpoint.#server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(host = 'lab.localhost'): string {
    return `https://${host}:${this.port}/ping`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
