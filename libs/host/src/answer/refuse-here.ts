import type { OAuthErrorCode, Reason } from '@holdfast/fapi';
import { OAuthError } from '@holdfast/fapi';
import type { FastifyRequest } from 'fastify';

/**
 * A refusal of the shell itself, shown to whoever is asking: a page for a browser, JSON for everybody else. (A listener
 * without pages answers in JSON anyway.)
 */
export function refuseHere(
  request: Pick<FastifyRequest, 'headers'>,
  code: OAuthErrorCode,
  reason: Reason,
  evidence: Readonly<Record<string, string>> = {},
): OAuthError {
  const wantsPage = request.headers.accept?.includes('text/html') ?? false;
  return new OAuthError(code, reason, { show: wantsPage ? 'page' : 'json', evidence });
}
