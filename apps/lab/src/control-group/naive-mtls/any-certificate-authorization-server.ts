import { createHash, randomBytes } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { loginPage } from '../login-page.ts';
import { customerByLogin } from '../weak-customers.ts';
import type { WeakRequest, WeakResponse, WeakServer } from '../weak-server.ts';
import { startWeakServer } from '../weak-server.ts';
import type { WeakTokens } from '../weak-tokens.ts';

/** What each client of the naive stack registered: its id and the `x5t#S256` of its certificate. */
export type NaiveClients = ReadonlyMap<string, string>;

/**
 * "We have mutual TLS, so whoever gets here is a fintech." The listener asks for a certificate and nobody looks at it:
 * not whether the chain verified, not whether it is still valid or meant for this, not whether it belongs to the client
 * that is named in the form. Authenticated is everybody; authorized is whoever one claims to be.
 */
export class AnyCertificateAuthorizationServer {
  readonly #codes: WeakTokens;
  readonly #tokens: WeakTokens;
  readonly #pushed = new Map<string, URLSearchParams>();
  #server: WeakServer | undefined;

  constructor(codes: WeakTokens, tokens: WeakTokens) {
    this.#codes = codes;
    this.#tokens = tokens;
  }

  async start(tls: ServerOptions): Promise<void> {
    // Lost here: `requestCert` asks, `rejectUnauthorized: false` forgets the verdict, and no code below remembers it.
    const lax = { ...tls, requestCert: true, rejectUnauthorized: false };
    this.#server = await startWeakServer(lax, (request) => this.#answer(request));
  }

  get server(): WeakServer {
    if (this.#server === undefined) throw new Error('not started');
    return this.#server;
  }

  /** Who is calling? Whoever the form says. Overridden by servers that are naive in other ways. */
  protected identify(request: WeakRequest): string | undefined {
    return request.parameters.get('client_id') ?? undefined;
  }

  #answer(request: WeakRequest): WeakResponse {
    switch (request.route) {
      case 'POST /par':
        return this.#push(request);
      case 'GET /authorize':
        return loginPage(request);
      case 'POST /authorize':
        return this.#sendCode(request.parameters);
      case 'POST /token':
        return this.#issue(request);
      default:
        return { status: 404 };
    }
  }

  #push(request: WeakRequest): WeakResponse {
    if (this.identify(request) === undefined) return { status: 401, body: { error: 'invalid_client' } };
    const handle = `urn:weak:${randomBytes(16).toString('base64url')}`;
    this.#pushed.set(handle, request.parameters);
    return { status: 201, body: { request_uri: handle, expires_in: 60 } };
  }

  #sendCode(parameters: URLSearchParams): WeakResponse {
    const customer = customerByLogin(parameters.get('login'), parameters.get('password'));
    const pushed = this.#pushed.get(parameters.get('request_uri') ?? '');
    if (customer === undefined || pushed === undefined) return { status: 403, body: 'no' };
    const target = new URL(pushed.get('redirect_uri') ?? '');
    const client = pushed.get('client_id') ?? '';
    target.searchParams.set('code', this.#codes.create({ customer, client, scope: 'balances' }));
    return { status: 302, headers: { location: target.href } };
  }

  #issue(request: WeakRequest): WeakResponse {
    const client = this.identify(request);
    if (client === undefined) return { status: 401, body: { error: 'invalid_client' } };
    const { parameters } = request;
    const grant = this.#codes.find(parameters.get('code')) ?? this.#tokens.find(parameters.get('refresh_token'));
    if (grant === undefined || grant.client !== client) return { status: 400, body: { error: 'invalid_grant' } };
    const issued = { ...grant, thumbprint: liveThumbprint(request.socket) };
    const body = { access_token: this.#tokens.create(issued), refresh_token: this.#tokens.create(grant) };
    return { status: 200, body: { token_type: 'Bearer', ...body } };
  }
}

/** `x5t#S256` of the certificate on this connection, if one was shown. */
export function liveThumbprint(socket: TLSSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate && createHash('sha256').update(certificate.raw).digest('base64url');
}
