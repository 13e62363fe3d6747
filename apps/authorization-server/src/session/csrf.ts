import { timingSafeEqual } from 'node:crypto';
import type { FormPairs } from '@holdfast/fapi';
import { refuse } from '@holdfast/fapi';
import type { FastifyRequest } from 'fastify';
import type { BrowserSession } from './browser-sessions.ts';

/**
 * RFC6749-10.12 [AUTH-29]. A form counts only when it comes from a page this server gave to this very browser. Another
 * site can make the browser send the form, with cookies; it knows neither the token nor can it choose the Origin header.
 *
 * @throws OAuthError as a local page
 */
export function checkOwnForm(
  request: FastifyRequest,
  form: FormPairs,
  session: BrowserSession,
  ownOrigin: string,
): void {
  const { origin } = request.headers;
  if (origin !== undefined && origin !== ownOrigin) throw foreign('origin');
  const sent = form.filter(([name]) => name === 'csrf').map(([, value]) => Buffer.from(value));
  const expected = Buffer.from(session.csrf);
  const [token] = sent;
  if (sent.length !== 1 || token === undefined) throw foreign('token missing');
  if (token.length !== expected.length || !timingSafeEqual(token, expected)) throw foreign('token');
}

const foreign = (found: string) => refuse('invalid_request', 'form_not_ours', { show: 'page', evidence: { found } });
