import { createHash, randomUUID } from 'node:crypto';
import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { authenticate } from './certificate.ts';
import type { Endpoints } from './metadata.ts';
import type { SigningKey } from './signing-key.ts';
import type { BareState } from './state.ts';
import { handle } from './state.ts';

type Form = Readonly<Record<string, string>>;

interface Parts {
  readonly state: BareState;
  readonly key: SigningKey;
  readonly endpoints: Endpoints;
  metadata(): object;
}

const CLIENT = 'client.developer.localhost';
const SESSION = 'bench-session';
const CSRF = 'bench-csrf';

/** The endpoints, each with the one or two steps nobody can leave out. */
export class BareController {
  static readonly PARTS = Symbol('parts');
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  metadata(): object {
    return this.#parts.metadata();
  }

  push(request: FastifyRequest): object {
    authenticate(request, CLIENT);
    const requestUri = `urn:ietf:params:oauth:request_uri:${handle()}`;
    this.#parts.state.keep(requestUri, request.body, 600);
    return { request_uri: requestUri, expires_in: 90 };
  }

  async token(request: FastifyRequest): Promise<object> {
    const thumbprint = authenticate(request, CLIENT);
    const form = request.body as Form;
    switch (form['grant_type']) {
      case 'client_credentials':
        return this.#answer(form['authorization_details'], 'developer', thumbprint);
      case 'refresh_token': {
        const grant = this.#parts.state.find(form['refresh_token'] ?? '');
        if (grant === undefined) throw new Error('no such refresh token');
        return this.#answer(grant['details'], grant['subject'] ?? '', thumbprint);
      }
      default:
        return this.#redeem(form, thumbprint);
    }
  }

  async introspect(request: FastifyRequest): Promise<object> {
    authenticate(request, CLIENT);
    const claims = await this.#parts.key.verify((request.body as Form)['token'] ?? '');
    // What was revoked is on the store's word.
    if (this.#parts.state.find(`revoked:${claims.jti}`) !== undefined) return { active: false };
    return { active: true, token_type: 'Bearer', ...claims };
  }

  authorize(request: FastifyRequest, reply: FastifyReply): void {
    const requestUri = (request.query as Form)['request_uri'] ?? '';
    if (this.#parts.state.find(requestUri) === undefined) throw new Error('no such request');
    if (request.headers.cookie !== `session=${SESSION}`)
      void reply.header('set-cookie', `session=${SESSION}; Path=/; Secure`);
    void reply
      .code(303)
      .header('location', `/consent?request_uri=${encodeURIComponent(requestUri)}`)
      .send();
  }

  consent(request: FastifyRequest, reply: FastifyReply): void {
    const requestUri = (request.query as Form)['request_uri'] ?? '';
    const pushed = this.#parts.state.find(requestUri);
    if (pushed === undefined) throw new Error('no such request');
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .send(
        `<!doctype html><title>Consent</title><form method="post" action="/consent">` +
          `<input type="hidden" name="csrf" value="${CSRF}"><input type="hidden" name="request_uri" value="${requestUri}">` +
          `<button id="consent-approve" name="decision" value="approve">Approve for ${pushed['client_id']}</button></form>`,
      );
  }

  approve(request: FastifyRequest, reply: FastifyReply): void {
    const form = request.body as Form;
    if (request.headers.cookie !== `session=${SESSION}` || form['csrf'] !== CSRF) throw new Error('not our form');
    const pushed = this.#parts.state.take(form['request_uri'] ?? '');
    if (pushed === undefined) throw new Error('no such request');
    const code = handle();
    this.#parts.state.keep(code, pushed, 60);
    const answer = new URLSearchParams({ code, iss: this.#parts.endpoints.issuer, state: pushed['state'] ?? '' });
    void reply.code(303).header('location', `${pushed['redirect_uri']}?${answer.toString()}`).send();
  }

  async #redeem(form: Form, thumbprint: string): Promise<object> {
    const pushed = this.#parts.state.take(form['code'] ?? '');
    const challenge = createHash('sha256')
      .update(form['code_verifier'] ?? '')
      .digest('base64url');
    if (pushed?.['code_challenge'] !== challenge) throw new Error('no such code');
    const refreshToken = handle();
    const details = pushed['authorization_details'];
    this.#parts.state.keep(refreshToken, { subject: 'alice', details }, 86_400);
    const now = Math.floor(Date.now() / 1000);
    const { issuer } = this.#parts.endpoints;
    return {
      ...(await this.#answer(details, 'alice', thumbprint)),
      refresh_token: refreshToken,
      id_token: await this.#parts.key.sign('JWT', {
        iss: issuer,
        sub: 'alice',
        aud: 'developer',
        iat: now,
        exp: now + 300,
        nonce: pushed['nonce'],
      }),
    };
  }

  async #answer(details: string | undefined, subject: string, thumbprint: string): Promise<object> {
    const now = Math.floor(Date.now() / 1000);
    const authorizationDetails: unknown = details === undefined ? undefined : JSON.parse(details);
    const accessToken = await this.#parts.key.sign('at+jwt', {
      iss: this.#parts.endpoints.issuer,
      sub: subject,
      aud: 'https://api.bank.localhost:9543',
      client_id: 'developer',
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      cnf: { 'x5t#S256': thumbprint },
      authorization_details: authorizationDetails,
    });
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      authorization_details: authorizationDetails,
    };
  }
}

// Node runs this file from its source, and types are all it takes away: the decorators are called by hand.
Controller()(BareController);
Inject(BareController.PARTS)(BareController, undefined, 0);

type Handler = Exclude<keyof BareController, 'constructor'>;

function route(handler: Handler, withReply: boolean, ...decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(BareController.prototype, handler);
  if (descriptor === undefined) throw new Error(`no handler ${handler}`);
  for (const decorate of decorators) decorate(BareController.prototype, handler, descriptor);
  Req()(BareController.prototype, handler, 0);
  if (withReply) Res()(BareController.prototype, handler, 1);
}

route('metadata', false, Get('/.well-known/openid-configuration'));
route('push', false, Post('/par'), HttpCode(201));
route('token', false, Post('/token'), HttpCode(200));
route('introspect', false, Post('/introspect'), HttpCode(200));
route('authorize', true, Get('/authorize'));
route('consent', true, Get('/consent'));
route('approve', true, Post('/consent'));
