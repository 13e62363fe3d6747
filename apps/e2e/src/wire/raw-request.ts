import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { Holder } from './http.ts';

export interface RawQuestion {
  readonly method: string;
  /** The target exactly as it stands in the request line: no client library tidies it up. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form. */
  readonly body?: string;
}

/** A peer who writes request lines by hand, over connections that stay open. */
export class RawPeer {
  readonly #agent: Agent;

  /** @param holder whose certificate is presented where a listener asks for one */
  constructor(home: string, holder?: Holder) {
    const file = (name: string): string => readFileSync(join(home, 'pki', name), 'utf8');
    const identity = holder === undefined ? {} : { cert: file(`${holder}.crt`), key: file(`${holder}.key`) };
    this.#agent = new Agent({ keepAlive: true, ca: file('trust/web.pem'), ...identity });
  }

  /** @returns the status of the answer */
  ask(origin: string, { method, target, headers = {}, body = '' }: RawQuestion): Promise<number> {
    const { hostname, port } = new URL(origin);
    const form =
      body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
    const where = { host: '127.0.0.1', port, servername: hostname, path: target, method, agent: this.#agent };
    return new Promise((resolve, reject) => {
      const sent = request({ ...where, headers: { host: `${hostname}:${port}`, ...form, ...headers } }, (answer) => {
        answer
          .resume()
          .on('end', () => resolve(answer.statusCode ?? 0))
          .on('error', reject);
      });
      sent.on('error', reject).end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
