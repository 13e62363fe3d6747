import type { ServerOptions } from 'node:https';
import { accountsOf } from '../weak-customers.ts';
import type { WeakRequest, WeakResponse, WeakServer } from '../weak-server.ts';
import { startWeakServer } from '../weak-server.ts';
import type { WeakTokens } from '../weak-tokens.ts';

/**
 * A bank that pays whoever shows the token, as one pays whoever shows a banknote. The connection is encrypted, the token
 * is unguessable, and neither helps once the token has been seen: in a log, a crash report, a proxy.
 */
export async function startBearerBank(tls: ServerOptions, tokens: WeakTokens): Promise<WeakServer> {
  return startWeakServer(tls, (request) => answer(request, tokens));
}

function answer(request: WeakRequest, tokens: WeakTokens): WeakResponse {
  // Lost here: the token is looked up and believed. Nobody asks who is holding it.
  const token = request.headers.authorization?.replace(/^Bearer /i, '') ?? request.parameters.get('access_token');
  const grant = tokens.find(token);
  if (grant === undefined) return { status: 401, body: { error: 'invalid_token' } };
  return { status: 200, body: accountsOf(grant.customer) };
}
