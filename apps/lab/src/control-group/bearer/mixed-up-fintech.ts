import type { ServerOptions } from 'node:https';
import type { Caller, Route } from '../../wire/caller.ts';
import { httpsCall } from '../../wire/https-call.ts';
import type { WeakRequest, WeakResponse, WeakServer } from '../weak-server.ts';
import { startWeakServer } from '../weak-server.ts';
import { WEAK_CLIENT } from './bearer-authorization-server.ts';

/**
 * A fintech that works with two banks, one of them a thief's. It remembers which one Alice chose, and never asks which
 * one the answer came from.
 */
export class MixedUpFintech {
  readonly #banks: Readonly<Record<string, () => WeakServer>>;
  readonly #self: Caller;
  #chosen = '';
  #server: WeakServer | undefined;

  /** @param banks authorization servers by the name a person chooses */
  constructor(route: Route, banks: Readonly<Record<string, () => WeakServer>>) {
    this.#self = { name: 'the mixed-up fintech', route };
    this.#banks = banks;
  }

  async start(tls: ServerOptions): Promise<void> {
    this.#server = await startWeakServer(tls, (request) => this.#answer(request));
  }

  get server(): WeakServer {
    if (this.#server === undefined) throw new Error('not started');
    return this.#server;
  }

  async #answer(request: WeakRequest): Promise<WeakResponse> {
    if (request.route === 'GET /link') {
      this.#chosen = request.parameters.get('bank') ?? '';
      const url = new URL('/authorize', this.#bank().url);
      const query = { response_type: 'code', client_id: WEAK_CLIENT, scope: 'balances' };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      url.searchParams.set('redirect_uri', `${this.server.url}/callback`);
      return { status: 302, headers: { location: url.href } };
    }
    if (request.route !== 'GET /callback') return { status: 404 };
    // Lost here: `iss`. The code goes to the bank that was chosen, whoever issued it.
    await httpsCall(this.#self, {
      method: 'POST',
      url: `${this.#bank().url}/token?code=${request.parameters.get('code') ?? ''}&client_id=${WEAK_CLIENT}`,
      form: [],
    });
    return { status: 200, body: '<p>something went wrong, please try again</p>' };
  }

  #bank(): WeakServer {
    const bank = this.#banks[this.#chosen];
    if (bank === undefined) throw new Error('no such bank');
    return bank();
  }
}

/**
 * The thief's authorization server: sends whoever comes on to the honest one, with the request of the honest fintech, and
 * waits at its token endpoint for what comes back.
 */
export function startThievingAuthorizationServer(tls: ServerOptions, honest: () => WeakServer): Promise<WeakServer> {
  return startWeakServer(tls, ({ route, parameters }) => {
    if (route === 'GET /authorize')
      return { status: 302, headers: { location: `${honest().url}/authorize?${parameters}` } };
    return { status: 400, body: { error: 'invalid_grant' } };
  });
}
