import { randomBytes } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import { loginPage } from '../login-page.ts';
import { customerByLogin } from '../weak-customers.ts';
import type { WeakRequest, WeakResponse, WeakServer } from '../weak-server.ts';
import { startWeakServer } from '../weak-server.ts';
import type { WeakTokens } from '../weak-tokens.ts';

export const WEAK_CLIENT = 'weak-fintech';

/**
 * OAuth 2.0 as it was often built: the request travels through the browser's address bar, nothing is signed, pushed or
 * bound, a code works as often as one likes, and whoever has a token *is* its owner.
 */
export class BearerAuthorizationServer {
  /** The one client's password. It cannot be changed in the apps that carry it, so it never is. */
  readonly clientSecret = randomBytes(24).toString('base64url');
  readonly #codes: WeakTokens;
  readonly #tokens: WeakTokens;
  #server: WeakServer | undefined;

  constructor(codes: WeakTokens, tokens: WeakTokens) {
    this.#codes = codes;
    this.#tokens = tokens;
  }

  async start(tls: ServerOptions): Promise<void> {
    this.#server = await startWeakServer(tls, (request) => this.#answer(request));
  }

  get server(): WeakServer {
    if (this.#server === undefined) throw new Error('not started');
    return this.#server;
  }

  #answer(request: WeakRequest): WeakResponse {
    switch (request.route) {
      case 'GET /authorize':
        return loginPage(request);
      case 'POST /authorize':
        return this.#sendCode(request.parameters);
      case 'POST /token':
        return this.#issue(request);
      case 'POST /introspect':
        return this.#introspect(request.parameters);
      case 'POST /revoke':
        return this.#revoke(request.parameters);
      default:
        return { status: 404 };
    }
  }

  /** Lost here: the redirect URI is taken as it comes, and so is everything else that was asked for. */
  #sendCode(parameters: URLSearchParams): WeakResponse {
    const customer = customerByLogin(parameters.get('login'), parameters.get('password'));
    if (customer === undefined) return { status: 403, body: 'wrong login or password' };
    const scope = parameters.get('scope') ?? '';
    const code = this.#codes.create({ customer, client: parameters.get('client_id') ?? '', scope });
    const target = new URL(parameters.get('redirect_uri') ?? '');
    target.searchParams.set('code', code);
    const state = parameters.get('state');
    if (state !== null) target.searchParams.set('state', state);
    return { status: 302, headers: { location: target.href } };
  }

  /** Lost here: the code is not used up, not tied to a verifier, and not tied to the client that redeems it. */
  #issue(request: WeakRequest): WeakResponse {
    if (!this.#isAcceptable(request)) return { status: 401, body: { error: 'invalid_client' } };
    const { parameters } = request;
    const isRefresh = parameters.get('grant_type') === 'refresh_token';
    const grant = isRefresh
      ? this.#tokens.find(parameters.get('refresh_token'))
      : this.#codes.find(parameters.get('code'));
    if (grant === undefined) return { status: 400, body: { error: 'invalid_grant' } };
    return {
      status: 200,
      body: {
        token_type: 'Bearer',
        access_token: this.#tokens.create(grant),
        refresh_token: this.#tokens.create(grant),
        scope: grant.scope,
      },
    };
  }

  /** Lost here: a client that sends a wrong secret is refused, but one that sends none is "a public client". */
  #isAcceptable(request: WeakRequest): boolean {
    const { authorization } = request.headers;
    if (authorization === undefined) return request.parameters.has('client_id');
    return authorization === `Basic ${Buffer.from(`${WEAK_CLIENT}:${this.clientSecret}`).toString('base64')}`;
  }

  /** Lost here: anybody may ask whose token this is. */
  #introspect(parameters: URLSearchParams): WeakResponse {
    const grant = this.#tokens.find(parameters.get('token'));
    const body = grant === undefined ? { active: false } : { active: true, username: grant.customer.login };
    return { status: 200, body };
  }

  /** Lost here: anybody may end anybody's session. */
  #revoke(parameters: URLSearchParams): WeakResponse {
    this.#tokens.remove(parameters.get('token'));
    return { status: 200 };
  }
}
