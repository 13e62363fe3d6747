import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { clientTls, loadIdentity, loadTrust } from '@holdfast/mtls';

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly setCookie: readonly string[];
  readonly text: string;
}

/** What a request carries besides its URL. */
export interface Question {
  readonly form?: Readonly<Record<string, string>> | URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A certificate and its key below `pki/` of a home, without an ending: `developer/client`. */
export type Holder = `${string}/${string}`;

/** An HTTPS client with as many kept-alive connections as there are lanes. Follows no redirect. */
export class Http {
  readonly #agent: Agent;

  /** @param holder whose certificate is presented; none when absent */
  constructor(home: string, lanes: number, holder?: Holder) {
    const pki = (name: string): string => join(home, 'pki', name);
    const identity = holder && loadIdentity({ certificate: pki(`${holder}.crt`), key: pki(`${holder}.key`) });
    const tls = clientTls({
      serverTrust: loadTrust(pki('trust/web.pem')),
      names: 'loopback',
      ...(identity === undefined ? {} : { identity }),
    });
    identity?.close();
    this.#agent = new Agent({ ...tls, keepAlive: true, maxSockets: lanes, maxFreeSockets: lanes });
  }

  async ask(url: string, { form, headers = {} }: Question = {}): Promise<Answer> {
    const body = form === undefined ? undefined : new URLSearchParams(form).toString();
    const sent = request(url, {
      agent: this.#agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    });
    // An error before the answer rejects the wait for it, one within the answer ends the reading of it.
    sent.on('error', () => undefined);
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.setEncoding('utf8');
    let text = '';
    for await (const piece of answer) text += String(piece);
    const { location, 'set-cookie': setCookie = [] } = answer.headers;
    return { status: answer.statusCode ?? 0, location, setCookie, text };
  }

  /** Closes every connection; the next request opens a new one. */
  hangUp(): void {
    this.#agent.destroy();
  }
}
