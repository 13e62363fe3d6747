import type { OAuthErrorCode, Reason } from '@holdfast/fapi';
import { OAuthError } from '@holdfast/fapi';
import { HttpException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { refuseHere } from './refuse-here.ts';

/** What the framework refuses by itself, in our words. */
const BY_STATUS: Readonly<Record<number, readonly [OAuthErrorCode, Reason]>> = {
  400: ['invalid_request', 'body_malformed'],
  404: ['not_found', 'route_unknown'],
  405: ['method_not_allowed', 'method_not_allowed'],
  406: ['not_acceptable', 'not_acceptable'],
  408: ['invalid_request', 'body_malformed'],
  413: ['request_too_large', 'body_too_large'],
  // RFC6749-5.2: to an OAuth client a body of the wrong type is a malformed request.
  415: ['invalid_request', 'body_wrong_type'],
  429: ['too_many_requests', 'too_many_requests'],
};

/**
 * Any thrown thing as a refusal; what is neither ours nor a client error of the framework becomes `server_error`.
 * @param served whether the path is served under some other method
 */
export function asRefusal(thrown: unknown, request: FastifyRequest, served: boolean): OAuthError {
  if (thrown instanceof OAuthError) return thrown;
  const status = statusOf(thrown);
  const known = BY_STATUS[status === 404 && served ? 405 : (status ?? 500)];
  return known === undefined ? refuseHere(request, 'server_error', 'unexpected') : refuseHere(request, ...known);
}

/** The status a framework error carries: Nest through `getStatus()`, Fastify as `statusCode`. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  if ('statusCode' in thrown && typeof thrown.statusCode === 'number') return thrown.statusCode;
  return undefined;
}
