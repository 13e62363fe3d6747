import { refuse } from '../errors.ts';

/**
 * Takes the access token out of the `Authorization` header, and from nowhere else.
 *
 * FAPI2-SP-FINAL-5.3.4-2: never from the query; a URL ends up in logs, histories and referrers.
 * RFC6750-2: one method per request. RFC9110-11.1: the scheme name is case-insensitive.
 *
 * @param authorization every `Authorization` header of the request, as sent
 * @param url path and query of the request
 * @throws OAuthError `invalid_token` without a token, `invalid_request` with more than one or one in the query
 */
export function bearerToken(authorization: readonly string[], url: string): string {
  if (hasQueryToken(url)) throw refuse('invalid_request', 'token_in_query', { show: 'resource' });
  if (authorization.length > 1) throw refuse('invalid_request', 'token_repeated', { show: 'resource' });
  const header = authorization[0];
  if (header === undefined) throw refuse('invalid_token', 'token_missing');
  const match = /^([A-Za-z]+) +([A-Za-z0-9\-._~+/]+=*)$/.exec(header.trim());
  if (match === null) throw refuse('invalid_token', 'token_malformed');
  const [, scheme = '', token = ''] = match;
  if (scheme.toLowerCase() !== 'bearer') throw refuse('invalid_token', 'token_scheme_unsupported');
  return token;
}

function hasQueryToken(url: string): boolean {
  const query = url.indexOf('?');
  return query >= 0 && new URLSearchParams(url.slice(query + 1)).has('access_token');
}
