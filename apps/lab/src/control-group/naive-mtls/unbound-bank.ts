import type { ServerOptions } from 'node:https';
import { accountsOf } from '../weak-customers.ts';
import type { WeakRequest, WeakResponse, WeakServer } from '../weak-server.ts';
import { startWeakServer } from '../weak-server.ts';
import type { WeakGrant, WeakTokens } from '../weak-tokens.ts';

/**
 * A bank behind mutual TLS that never brings token and certificate together. Every fintech in the scheme has a
 * certificate, so every fintech can spend every other fintech's tokens, and since nobody reads the handshake's verdict,
 * so can everybody else.
 */
export class UnboundBank {
  readonly #tokens: WeakTokens;
  #server: WeakServer | undefined;

  constructor(tokens: WeakTokens) {
    this.#tokens = tokens;
  }

  async start(tls: ServerOptions): Promise<void> {
    const lax = { ...tls, requestCert: true, rejectUnauthorized: false };
    this.#server = await startWeakServer(lax, (request) => this.#answer(request));
  }

  get server(): WeakServer {
    if (this.#server === undefined) throw new Error('not started');
    return this.#server;
  }

  /** May this caller use this token? Overridden by banks that are naive in other ways. */
  protected admits(_grant: WeakGrant, _request: WeakRequest): boolean {
    return true;
  }

  #answer(request: WeakRequest): WeakResponse {
    const grant = this.#tokens.find(request.headers.authorization?.replace(/^Bearer /i, ''));
    if (grant === undefined || !this.admits(grant, request))
      return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, body: {} };
    return { status: 200, body: accountsOf(grant.customer) };
  }
}
