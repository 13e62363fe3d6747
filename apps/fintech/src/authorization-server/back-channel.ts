import type { ProcessContext } from '@holdfast/host';
import type { IdentitySource } from '@holdfast/mtls';
import * as client from 'openid-client';
import { Problem } from '../pages/problem.ts';
import { PROFILE } from '../profile.ts';
import type { GrantedTokens } from '../tokens/granted-tokens.ts';
import type { Discovery } from './discovery.ts';
import { isAway, isCertificateFault, plainCode, tokenResponseFault } from './faults.ts';

/** What a request for access consists of. */
export interface AccessRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly details: unknown;
  readonly language: string;
}

/** What is needed to turn the answer of the browser's journey into tokens. */
export interface CodeAnswer {
  readonly redirectUri: string;
  readonly code: string;
  readonly issuer: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Who logged in at the bank, and the tokens that came of it. */
export interface ExchangedCode {
  readonly subject: string;
  readonly authenticatedAt: Date;
  readonly tokens: GrantedTokens;
}

export interface BackChannelParts {
  readonly discovery: Discovery;
  /** The certificate of the calls, to know what the tokens are bound to. */
  readonly identity: IdentitySource;
  readonly clock: ProcessContext<unknown>['clock'];
}

/** Tidepool's direct calls to the bank's login service, all over mutual TLS; every failure ends as a {@link Problem}. */
export class BackChannel {
  readonly #parts: BackChannelParts;

  constructor(parts: BackChannelParts) {
    this.#parts = parts;
  }

  /**
   * Pushes the request and returns where to send the browser. RFC9126-2.1, FAPI2-SP-FINAL-5.3.3.2-2 [CLI-03],
   * FAPI2-SP-FINAL-5.3.3.2-3 [CLI-04], FAPI2-SP-FINAL-5.3.3.2-6 [CLI-05], RFC9396-2.
   * @throws Problem `login_service_unreachable`, `login_service_refused`, `tidepool_not_recognised`
   */
  async push(request: AccessRequest): Promise<URL> {
    const configuration = this.#parts.discovery.configuration();
    try {
      return await client.buildAuthorizationUrlWithPAR(configuration, {
        response_type: 'code',
        redirect_uri: request.redirectUri,
        scope: 'openid',
        state: request.state,
        nonce: request.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(request.codeVerifier),
        code_challenge_method: 'S256',
        authorization_details: JSON.stringify(request.details),
        ui_locales: request.language,
      });
    } catch (error) {
      throw callProblem(error, 'push', 'login_service_refused');
    }
  }

  /**
   * Exchanges the code and judges everything that comes back. RFC6749-4.1.3, OIDC-CORE-3.1.3.7 [CLI-17] [CLI-18] [CLI-19]
   * [CLI-20] [CLI-21], OIDC-CORE-2 [CLI-25], RFC6749-5.1 [CLI-26].
   * @throws Problem `link_refused` with the precise reason, or as for `push`
   */
  async exchange(answer: CodeAnswer): Promise<ExchangedCode> {
    const configuration = this.#parts.discovery.configuration();
    const thumbprint = this.#thumbprint();
    try {
      const response = await client.authorizationCodeGrant(configuration, callbackUrl(answer), {
        expectedState: answer.state,
        expectedNonce: answer.nonce,
        pkceCodeVerifier: answer.codeVerifier,
        idTokenExpected: true,
      });
      const { sub, authTime } = this.#checkFreshness(response.claims());
      return { subject: sub, authenticatedAt: authTime, tokens: this.#read(response, thumbprint, 'link_refused') };
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (isAway(error) || isUnrecognised(error)) throw callProblem(error, 'exchange', 'link_refused');
      throw new Problem('link_refused', { reason: tokenResponseFault(error), cause: error });
    }
  }

  /**
   * Fetches a new access token. RFC6749-6; bound to the certificate of this call, RFC8705-7.1.
   * @throws Problem `connection_ended` when the grant is dead, or as for `push`
   */
  async refresh(refreshToken: string): Promise<GrantedTokens> {
    const configuration = this.#parts.discovery.configuration();
    const thumbprint = this.#thumbprint();
    try {
      const response = await client.refreshTokenGrant(configuration, refreshToken);
      return this.#read(response, thumbprint, 'login_service_refused');
    } catch (error) {
      // RFC6749-5.2: revoked, expired, or never ours; in every case there is nothing left to try.
      if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant')
        throw new Problem('connection_ended', { reason: 'grant_ended', cause: error });
      throw callProblem(error, 'refresh', 'login_service_refused');
    }
  }

  /**
   * Withdraws a token, and with it the grant. RFC7009-2.1.
   * @throws Problem when the login service did not confirm it
   */
  async revoke(token: string, hint: 'refresh_token' | 'access_token'): Promise<void> {
    const configuration = this.#parts.discovery.configuration();
    try {
      await client.tokenRevocation(configuration, token, { token_type_hint: hint });
    } catch (error) {
      throw callProblem(error, 'revoke', 'login_service_refused');
    }
  }

  #thumbprint(): string {
    return this.#parts.identity.current().leaf.thumbprint;
  }

  /** OIDC-CORE-3.1.3.7: `iat` may be used to refuse a token from too long ago; one from the future was made by nobody. */
  #checkFreshness(claims: client.IDToken | undefined): { sub: string; authTime: Date } {
    if (claims === undefined) throw new Problem('link_refused', { reason: 'id_token_missing' });
    const now = this.#parts.clock.now().getTime();
    const issuedAt = claims.iat * 1000;
    if (issuedAt > now + PROFILE.clockSkew) throw new Problem('link_refused', { reason: 'id_token_from_the_future' });
    if (issuedAt < now - PROFILE.idTokenMaxAge) throw new Problem('link_refused', { reason: 'id_token_stale' });
    const { auth_time: authTime = claims.iat } = claims;
    return { sub: claims.sub, authTime: new Date(authTime * 1000) };
  }

  #read(response: client.TokenEndpointResponse, thumbprint: string, otherwise: Otherwise): GrantedTokens {
    // RFC8705-3: a certificate-bound token is of type Bearer; any other type would need a proof we do not make.
    if (response.token_type !== 'bearer') throw new Problem(otherwise, { reason: 'token_type_unsupported' });
    // RFC6749-5.1 [CLI-27]: recommended, not required.
    const { expires_in: stated } = response;
    const lifetime = stated === undefined ? PROFILE.accessTokenLifetimeUnstated : stated * 1000;
    return {
      accessToken: response.access_token,
      expiresAt: new Date(this.#parts.clock.now().getTime() + lifetime),
      thumbprint,
      refreshToken: response.refresh_token,
      details: response.authorization_details,
    };
  }
}

/** Built from what was checked, on the configured address: the Host header of the request has no say in it. */
function callbackUrl({ redirectUri, code, state, issuer }: CodeAnswer): URL {
  const url = new URL(redirectUri);
  url.search = new URLSearchParams({ code, state, iss: issuer }).toString();
  return url;
}

/** The problem it is when the other side was reached, knows us, and still did not give what was asked. */
type Otherwise = 'login_service_refused' | 'link_refused';
type Call = 'push' | 'exchange' | 'refresh' | 'revoke';

const isUnrecognised = (error: unknown): boolean =>
  error instanceof client.ResponseBodyError && error.error === 'invalid_client';

function callProblem(error: unknown, call: Call, otherwise: Otherwise): Problem {
  if (error instanceof Problem) return error;
  if (isAway(error)) {
    const why = isCertificateFault(error) ? 'server_certificate_refused' : 'unanswered';
    return new Problem('login_service_unreachable', { reason: `${call}_${why}`, cause: error });
  }
  // RFC6749-5.2: our certificate was not accepted, which no person in front of a page can mend.
  if (isUnrecognised(error))
    return new Problem('tidepool_not_recognised', { reason: `${call}_invalid_client`, cause: error });
  const code = error instanceof client.ResponseBodyError ? plainCode(error.error) : 'answer_unusable';
  return new Problem(otherwise, { reason: `${call}_${code}`, cause: error });
}
