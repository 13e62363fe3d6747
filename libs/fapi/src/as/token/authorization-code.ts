import { refuse } from '../../errors.ts';
import { required } from '../../form.ts';
import type { Confirmation } from '../../wire/confirmation.ts';
import { checkCodeVerifier } from '../../wire/pkce.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import type { IssuedCode } from '../state.ts';
import type { TokenRequest } from './token-request.ts';
import { activeGrant, grantedDetails, revokeGrant } from './grants.ts';
import { issueIdToken } from './id-token.ts';
import { newRefreshToken } from './refresh-token.ts';
import type { TokenResponse } from './token-response.ts';
import { issueTokenResponse } from './token-response.ts';

/**
 * Redeems an authorization code. RFC6749-4.1.3 [TOK-16], FAPI2-SP-FINAL-5.3.2.2-9 [AUTH-18] [TOK-21].
 *
 * Everything is checked before the code is used up, so that neither a foreign client nor a wrong verifier burns it; then it
 * is taken atomically, so that of two redemptions at the same instant one wins.
 *
 * @throws OAuthError `invalid_grant` for any fault of the code, RFC6749-5.2 [TOK-17] [TOK-18]
 */
export async function redeemAuthorizationCode(as: Engine, request: TokenRequest): Promise<TokenResponse> {
  const { client, form, cnf, trail } = request;
  const code = required(form, 'code');
  const issued = await findOwnCode(as, client, code, request);
  checkRedirectUri(form.get('redirect_uri'), issued);
  checkCodeVerifier(form.get('code_verifier'), issued.codeChallenge);
  checkBinding(issued, cnf);
  const grant = await activeGrant(as, issued.grantId);
  const details = grantedDetails(client, form, grant);

  trail.subject = grant.subject;
  const refreshToken = newRefreshToken(as, client, grant);
  const won = await as.state.redeemCode(code, as.clock.now(), refreshToken);
  if (!won) return refuseReplay(as, issued);
  return {
    ...(await issueTokenResponse(as, { client, grant, scopes: grant.scopes, details, cnf })),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken.token }),
    // OIDC-CORE-3.1.3.3 [TOK-37]: an ID token when, and only when, `openid` was granted.
    ...(grant.scopes.includes('openid') ? { id_token: await issueIdToken(as, client, issued) } : {}),
  };
}

async function findOwnCode(
  as: Engine,
  client: RegisteredClient,
  code: string,
  { trail }: TokenRequest,
): Promise<IssuedCode> {
  const found = await as.state.findCode(code, as.clock.now());
  if (found === undefined) throw refuse('invalid_grant', 'code_unknown');
  if (found.issued.clientId !== client.id) throw refuse('invalid_grant', 'code_foreign');
  trail.grant = found.issued.grantId;
  if (found.used) return refuseReplay(as, found.issued);
  if (found.expired) throw refuse('invalid_grant', 'code_expired');
  return found.issued;
}

// RFC6749-4.1.2 [TOK-20]: a code that comes twice was seen by somebody else. Nobody can tell which of the two was the
// thief, so what the first redemption issued dies with it.
async function refuseReplay(as: Engine, issued: IssuedCode): Promise<never> {
  await revokeGrant(as, issued.grantId, 'code_used');
  throw refuse('invalid_grant', 'code_used');
}

// RFC6749-4.1.3: required, because it was part of the authorization request, and the same to the letter.
function checkRedirectUri(uri: string | undefined, issued: IssuedCode): void {
  if (uri !== issued.redirectUri) throw refuse('invalid_grant', 'redirect_uri_mismatch');
}

// RFC9449-10: a code that was asked for with a key is redeemed with that key. Whoever stole code and verifier on their way,
// through an endpoint of his own, does not hold it.
function checkBinding({ dpopJkt }: IssuedCode, { jkt }: Confirmation): void {
  if (dpopJkt !== undefined && dpopJkt !== jkt) throw refuse('invalid_grant', 'code_key_mismatch');
}
