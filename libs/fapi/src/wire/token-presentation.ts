import { refuse } from '../errors.ts';
import type { Confirmation } from './confirmation.ts';

/** The schemes a token is presented under; also the values of `token_type`. RFC6750-2.1, RFC9449-5. */
export type TokenScheme = 'Bearer' | 'DPoP';

/**
 * The scheme of a token, which follows from what it is bound to. RFC8705-3: a token that is bound to a certificate alone is
 * still a Bearer token by name. RFC9449-5 [TOK-26]: one that is bound to a key is a DPoP token.
 */
export const schemeFor = (cnf: Confirmation): TokenScheme => (cnf.jkt === undefined ? 'Bearer' : 'DPoP');

/** An access token as it was presented. */
export interface PresentedToken {
  readonly scheme: TokenScheme;
  readonly token: string;
}

/**
 * Takes the access token out of the `Authorization` header, and from nowhere else.
 *
 * FAPI2-SP-FINAL-5.3.4-2 [RS-01] [INFO-12]: never from the query; a URL ends up in logs, histories and referrers.
 * RFC6750-2: one method per request. RFC9110-11.1 [RS-03]: the scheme name is case-insensitive.
 *
 * @param authorization every `Authorization` header of the request, as sent
 * @param url path and query of the request
 * @throws OAuthError `invalid_token` without a token, `invalid_request` with more than one or one in the query
 */
export function presentedToken(authorization: readonly string[], url: string): PresentedToken {
  if (hasQueryToken(url)) throw refuse('invalid_request', 'token_in_query', { show: 'resource' });
  if (authorization.length > 1) throw refuse('invalid_request', 'token_repeated', { show: 'resource' });
  const header = authorization[0];
  if (header === undefined) throw refuse('invalid_token', 'token_missing');
  // RFC9110-5.6.3: spaces and tabs may surround a value, and nothing else that a `trim` takes for white space.
  const match = /^[ \t]*([A-Za-z]+) +([A-Za-z0-9\-._~+/]+=*)[ \t]*$/.exec(header);
  if (match === null) throw refuse('invalid_token', 'token_malformed');
  const [, scheme = '', token = ''] = match;
  return { scheme: schemeNamed(scheme), token };
}

function schemeNamed(name: string): TokenScheme {
  switch (name.toLowerCase()) {
    case 'bearer':
      return 'Bearer';
    case 'dpop':
      return 'DPoP';
    default:
      throw refuse('invalid_token', 'token_scheme_unsupported');
  }
}

function hasQueryToken(url: string): boolean {
  const query = url.indexOf('?');
  return query >= 0 && new URLSearchParams(url.slice(query + 1)).has('access_token');
}

/**
 * RFC9449-7.2: the scheme follows from the token and not from who presents it. A thief would present a token that is bound
 * to a key as a Bearer token, for which nobody asks for a proof.
 *
 * Our choice, no clause: a proof beside a token that is bound to no key is refused rather than overlooked; its sender
 * believes in a protection that this token does not have.
 *
 * @param proofs every `DPoP` header of the request, as sent
 * @throws OAuthError `invalid_token` for the wrong scheme, `invalid_request` for a proof that proves nothing
 */
export function checkScheme(scheme: TokenScheme, cnf: Confirmation, proofs: readonly string[]): void {
  const required = schemeFor(cnf);
  if (scheme !== required)
    throw refuse('invalid_token', 'token_scheme_mismatch', { evidence: { presentedAs: scheme, boundFor: required } });
  if (scheme === 'Bearer' && proofs.length > 0)
    throw refuse('invalid_request', 'dpop_proof_unexpected', { show: 'resource' });
}
