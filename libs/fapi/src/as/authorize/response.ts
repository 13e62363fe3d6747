import type { OAuthErrorCode } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import type { PushedRequest } from '../state.ts';

/** The redirect that carries a code home. RFC6749-4.1.2. */
export const codeRedirect = (as: Engine, request: PushedRequest, code: string): string =>
  respond(as, request, { code });

/** The redirect that carries an error home. RFC6749-4.1.2.1. */
export const errorRedirect = (as: Engine, request: PushedRequest, error: OAuthErrorCode): string =>
  respond(as, request, { error });

/**
 * RFC6749-4.1.2: `state` comes back when, and only when, it was sent. RFC9207-2: `iss` always, so that a client that knows
 * several servers notices a mix-up. An existing query of the redirect URI is kept (RFC6749-3.1.2).
 */
function respond(as: Engine, request: PushedRequest, answer: Record<string, string>): string {
  const parameters = new URLSearchParams(answer);
  if (request.state !== undefined) parameters.append('state', request.state);
  parameters.append('iss', as.issuer);
  const separator = request.redirectUri.includes('?') ? '&' : '?';
  return `${request.redirectUri}${separator}${parameters.toString()}`;
}
