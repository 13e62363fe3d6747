import { randomBytes } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import type { Caller, Route } from '../../wire/caller.ts';
import { httpsCall, jsonOf } from '../../wire/https-call.ts';
import type { WeakRequest, WeakResponse, WeakServer } from '../weak-server.ts';
import { startWeakServer } from '../weak-server.ts';
import type { BearerAuthorizationServer } from './bearer-authorization-server.ts';
import { WEAK_CLIENT } from './bearer-authorization-server.ts';

/**
 * A fintech that sends a `state` because the tutorial said so, and never looks at it again. Whatever code arrives at the
 * callback is redeemed and linked to whoever's browser brought it.
 */
export class StateIgnoringFintech {
  readonly #linked = new Map<string, string>();
  readonly #authorizationServer: BearerAuthorizationServer;
  readonly #bank: WeakServer;
  readonly #self: Caller;
  #server: WeakServer | undefined;

  constructor(route: Route, authorizationServer: BearerAuthorizationServer, bank: WeakServer) {
    this.#self = { name: 'the weak fintech', route };
    this.#authorizationServer = authorizationServer;
    this.#bank = bank;
  }

  async start(tls: ServerOptions): Promise<void> {
    this.#server = await startWeakServer(tls, (request) => this.#answer(request));
  }

  get server(): WeakServer {
    if (this.#server === undefined) throw new Error('not started');
    return this.#server;
  }

  async #answer(request: WeakRequest): Promise<WeakResponse> {
    const session = request.headers.cookie?.match(/session=([\w-]+)/)?.[1] ?? randomBytes(16).toString('base64url');
    const cookie = { 'set-cookie': `session=${session}; Secure; HttpOnly` };
    switch (request.route) {
      case 'GET /link':
        return { status: 302, headers: { ...cookie, location: this.#authorizationRequest() } };
      case 'GET /callback':
        await this.#redeem(session, request.parameters.get('code') ?? '');
        return { status: 302, headers: { ...cookie, location: `${this.server.url}/` } };
      case 'GET /':
        return { status: 200, headers: cookie, body: await this.#page(session) };
      default:
        return { status: 404 };
    }
  }

  #authorizationRequest(): string {
    const url = new URL('/authorize', this.#authorizationServer.server.url);
    url.searchParams.set('response_type', 'code');
    url.searchParams.set('client_id', WEAK_CLIENT);
    url.searchParams.set('redirect_uri', `${this.server.url}/callback`);
    url.searchParams.set('scope', 'balances');
    // Lost here: written into the URL, remembered nowhere, compared with nothing.
    url.searchParams.set('state', randomBytes(16).toString('base64url'));
    return url.href;
  }

  async #redeem(session: string, code: string): Promise<void> {
    const first = await this.#token({ grant_type: 'authorization_code', code });
    // Refreshes at once, as apps do on start; the refresh token thereby enters a URL, and with it a log.
    const second = await this.#token({ grant_type: 'refresh_token', refresh_token: first });
    this.#linked.set(session, second);
  }

  /** Lost here: the parameters travel in the URL, where every server on the way writes them down. */
  async #token(parameters: Record<string, string>): Promise<string> {
    const query = new URLSearchParams({ ...parameters, client_id: WEAK_CLIENT });
    const basic = Buffer.from(`${WEAK_CLIENT}:${this.#authorizationServer.clientSecret}`).toString('base64');
    const exchange = await httpsCall(this.#self, {
      method: 'POST',
      url: `${this.#authorizationServer.server.url}/token?${query}`,
      headers: [['authorization', `Basic ${basic}`]],
    });
    const tokens = jsonOf(exchange);
    return String(parameters['grant_type'] === 'refresh_token' ? tokens['access_token'] : tokens['refresh_token']);
  }

  async #page(session: string): Promise<string> {
    const token = this.#linked.get(session);
    if (token === undefined) return '<p id="linked">no account is linked</p>';
    const headers = [['authorization', `Bearer ${token}`]] as const;
    const exchange = await httpsCall(this.#self, { method: 'GET', url: `${this.#bank.url}/accounts`, headers });
    return `<p id="linked">${exchange.body.replaceAll('<', '&lt;')}</p>`;
  }
}
