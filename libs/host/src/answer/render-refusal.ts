import { OAuthError } from '@holdfast/fapi';
import type { Audit, AuthorizationResponse, Reason } from '@holdfast/fapi';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../log/log.ts';
import { DPOP_NONCE_HEADER, INTERACTION_HEADER, interactionOf } from '../request/headers.ts';
import { targetOf } from '../request/target.ts';
import { asRefusal } from './as-refusal.ts';
import { sendAuthorizationResponse } from './authorization-response.ts';
import type { FormPostPage } from './authorization-response.ts';
import { sendPage } from './page.ts';

/** A page for a person, made by the application. */
export interface ErrorPage {
  readonly status: number;
  readonly html: string;
}

/** What one listener renders refusals with. */
export interface Rendering {
  readonly log: Logger;
  readonly audit: Audit;
  readonly errorPage?: ((error: OAuthError, request: FastifyRequest) => ErrorPage) | undefined;
  readonly formPostPage?: FormPostPage | undefined;
  /** Sets what every answer carries. */
  prepare(request: FastifyRequest, reply: FastifyReply): void;
  /** Methods a path is served under. */
  methodsFor(path: string): readonly string[];
}

/**
 * The one place where an error becomes an answer. The engine has audited its refusals; audited here is what never reached
 * it: a certificate that is none, a body that the framework would not read, and what nobody expected, whose text stays here.
 */
export function renderRefusal(thrown: unknown, request: FastifyRequest, reply: FastifyReply, by: Rendering): void {
  const methods = by.methodsFor(targetOf(request).path);
  const error = asRefusal(thrown, request, methods.length > 0);
  if (error.reason === 'unexpected') reportUnexpected(thrown, request, by);
  // Refused before any rule saw it, so that nobody else writes it down.
  else if (NOT_A_CERTIFICATE.has(error.reason)) auditHere(error, error.evidence, request, by);
  else if (!(thrown instanceof OAuthError) && UNREAD.has(error.reason)) auditHere(error, {}, request, by);
  if (reply.sent || reply.raw.headersSent) {
    // Half an answer is out; cutting it off is the only honest ending.
    reply.raw.destroy();
    return;
  }
  // Requests the router itself turns away have not passed the hooks.
  if (!reply.hasHeader(INTERACTION_HEADER)) by.prepare(request, reply);
  reply.header('cache-control', 'no-store');
  // RFC9110-15.5.6: a 405 says what would have been allowed.
  if (error.code === 'method_not_allowed') reply.header('allow', methods.join(', '));
  answer(error, request, reply, by);
}

/** What the framework refuses of a body, before any rule has seen the request. */
const UNREAD: ReadonlySet<string> = new Set(['body_malformed', 'body_too_large', 'body_wrong_type']);

function answer(error: OAuthError, request: FastifyRequest, reply: FastifyReply, by: Rendering): void {
  switch (error.show) {
    case 'redirect': {
      sendAuthorizationResponse(error.response as AuthorizationResponse, request, reply, by.formPostPage);
      return;
    }
    case 'page': {
      sendErrorPage(error, request, reply, by);
      return;
    }
    case 'resource':
    case 'json': {
      sendJson(error, reply);
      return;
    }
  }
}

function sendErrorPage(error: OAuthError, request: FastifyRequest, reply: FastifyReply, by: Rendering): void {
  if (by.errorPage === undefined) {
    sendJson(error, reply);
    return;
  }
  try {
    sendPage(reply, by.errorPage(error, request));
  } catch (failure) {
    by.log.error({ err: failure }, 'the error page could not be made');
    sendJson(error, reply);
  }
}

function sendJson(error: OAuthError, reply: FastifyReply): void {
  // RFC9449-8: exactly one nonce; it takes the place of one that this answer may carry already.
  if (error.dpopNonce !== undefined) reply.header(DPOP_NONCE_HEADER, error.dpopNonce);
  // RFC6750-3 [RS-04]: the challenge of a resource server.
  if (error.wwwAuthenticate !== undefined) reply.header('www-authenticate', error.wwwAuthenticate);
  void reply.code(error.status).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(error));
}

function reportUnexpected(thrown: unknown, request: FastifyRequest, by: Rendering): void {
  const interaction = interactionOf(request);
  const route = request.routeOptions.url ?? 'none';
  by.log.error({ err: thrown, interaction, route }, 'a request ended in an error nobody expected');
  auditHere({ reason: 'unexpected', code: 'server_error' }, {}, request, by);
}

/** The reasons of `parsePeerCertificate`. */
const NOT_A_CERTIFICATE: ReadonlySet<string> = new Set<Reason>(['certificate_unreadable', 'certificate_too_large']);

function auditHere(
  { reason, code }: Pick<OAuthError, 'reason' | 'code'>,
  details: Readonly<Record<string, string>>,
  request: FastifyRequest,
  by: Rendering,
): void {
  const interaction = interactionOf(request);
  const evidence = { ...details, route: request.routeOptions.url ?? 'none' };
  try {
    by.audit({ action: 'host.request', outcome: 'refused', reason, error: code, interaction, evidence });
  } catch (failure) {
    by.log.error({ err: failure, interaction }, 'an audit event could not be written');
  }
}
