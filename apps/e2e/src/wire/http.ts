import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { Agent, buildConnector, request } from 'undici';

export interface Answer {
  readonly status: number;
  /** Names in lower case; a header that came several times, joined by line breaks. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A list is sent as that many headers of one name. */
export type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

export interface Question {
  readonly method?: string;
  readonly headers?: HeaderValues;
  readonly body?: string | URLSearchParams;
}

/** A certificate and its key, as files below `pki/` of the home: `developer/client`. */
export type Holder = `${string}/${string}`;

export interface PemIdentity {
  readonly cert: string;
  readonly key: string;
  /** For a key that is too weak for this client's own OpenSSL to use it, and is to be seen by the server. */
  readonly ciphers?: string;
}

// What browsers do by themselves with names below localhost. RFC6761-6.3.
const loopback: LookupFunction = (_name, options, done) => {
  if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
  else done(null, '127.0.0.1', 4);
};

/** No connection came about, so no request was sent: nobody listens, or the handshake failed. */
export class NotConnected extends Error {
  constructor(cause: Error) {
    super(`not connected: ${cause.message}`, { cause });
  }
}

/** An HTTPS client that trusts the web root of this home and nobody else, and never follows a redirect. */
export class Http {
  readonly dispatcher: Agent;

  /**
   * @param holder whose certificate is presented where a listener asks for one: a name of the home, or PEM texts
   * @param step ports further than the URL says: to a replica, as a load balancer would lead there
   */
  constructor(home: string, holder?: Holder | PemIdentity, step = 0) {
    const file = (name: string): string => readFileSync(join(home, 'pki', name), 'utf8');
    const identity = typeof holder === 'string' ? { cert: file(`${holder}.crt`), key: file(`${holder}.key`) } : holder;
    const connect = buildConnector({ ca: file('trust/web.pem'), lookup: loopback, ...identity });
    this.dispatcher = new Agent({
      connect: ({ port, ...options }, done) =>
        connect({ ...options, port: String(Number(port) + step) }, (...[error, socket]) =>
          error ? done(new NotConnected(error), null) : done(null, socket),
        ),
      keepAliveTimeout: 2_000,
    });
  }

  async ask(url: string, { method = 'GET', headers = {}, body }: Question = {}): Promise<Answer> {
    const form = body instanceof URLSearchParams ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const answer = await request(url, {
      method,
      headers: { ...form, ...headers } as Record<string, string | string[]>,
      body: body === undefined ? null : body.toString(),
      dispatcher: this.dispatcher,
    });
    return { status: answer.statusCode, headers: flat(answer.headers), text: await answer.body.text() };
  }

  post(url: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    return this.ask(url, { method: 'POST', body: new URLSearchParams(form) });
  }

  close(): Promise<void> {
    return this.dispatcher.destroy();
  }
}

/** What a JSON answer says. */
export const said = (answer: Answer): Record<string, unknown> => JSON.parse(answer.text) as Record<string, unknown>;

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join('\n')]));
}
