import type { ClientFile } from '@holdfast/tools/client';
import { importJWK, SignJWT } from 'jose';
import type { JWK } from 'jose';
import * as oidc from 'openid-client';
import { fetch as undiciFetch } from 'undici';
import type { Dispatcher } from 'undici';
import { Http } from './http.ts';
import { offeredAccounts, Person } from './person.ts';

interface SigningKey {
  readonly key: oidc.CryptoKey;
  readonly kid: string;
}

/** A client of the registry in the hands of openid-client, with a person at a browser. */
export class OpenidClientFlow implements AsyncDisposable {
  readonly #config: oidc.Configuration;
  readonly #file: ClientFile;
  /** The client's own connections, and those of the person's browser. */
  readonly #http: Http;
  readonly #browser: Http;
  readonly #key: SigningKey;
  readonly #dpop: oidc.DPoPOptions | undefined;

  private constructor(parts: {
    config: oidc.Configuration;
    file: ClientFile;
    http: Http;
    browser: Http;
    key: SigningKey;
    dpop: oidc.DPoPOptions | undefined;
  }) {
    this.#config = parts.config;
    this.#file = parts.file;
    this.#http = parts.http;
    this.#browser = parts.browser;
    this.#key = parts.key;
    this.#dpop = parts.dpop;
  }

  static async of(file: ClientFile, home: string): Promise<OpenidClientFlow> {
    const { certificate: cert, key: certificateKey } = file;
    const identity = cert === undefined || certificateKey === undefined ? undefined : { cert, key: certificateKey };
    const http = new Http(home, identity);
    const key = await signingKeyOf(file);
    const config = await configurationOf(file, key, http.dispatcher);
    const dpop =
      file.sender_constraint === 'dpop'
        ? { DPoP: oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(file.dpop_signing_alg)) }
        : undefined;
    return new OpenidClientFlow({ config, file, http, browser: new Http(home), key, dpop });
  }

  /** From the pushed request to tokens: signed and answered as the profile has it. */
  async authorize(responseType: 'code' | 'code id_token' = 'code') {
    const {
      redirect_uri: redirectUri = '',
      response_mode: mode,
      scope = '',
      authorization_details: details,
    } = this.#file;
    const config = this.#config;
    if (mode === 'jwt') oidc.useJwtResponseMode(config);
    if (responseType === 'code id_token') oidc.useCodeIdTokenResponseType(config);
    const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
    const parameters = new URLSearchParams({
      redirect_uri: redirectUri,
      scope,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify(details),
    });
    const callback = await this.#agree((await this.#push(parameters)).href);
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    return oidc.authorizationCodeGrant(config, callback, checks, undefined, this.#dpop);
  }

  #push(parameters: URLSearchParams): Promise<URL> {
    if (this.#file.profile === 'fapi2-security')
      return oidc.buildAuthorizationUrlWithPAR(this.#config, parameters, this.#dpop);
    return oidc
      .buildAuthorizationUrlWithJAR(this.#config, parameters, this.#key, { [oidc.modifyAssertion]: withTimes })
      .then((signed) => oidc.buildAuthorizationUrlWithPAR(this.#config, signed.searchParams, this.#dpop));
  }

  async #agree(url: string): Promise<URL> {
    const person = new Person(this.#browser);
    const { name = '', password = '' } = this.#file.login ?? {};
    const consent = await person.logIn(await person.open(url), name, password);
    const answer = await person.submit(consent, 'consent-approve', {
      account: offeredAccounts(consent)
        .slice(0, 1)
        .map(({ id }) => id),
    });
    return new URL(answer.headers['location'] ?? '');
  }

  /** Asks a person on another device, who agrees by the one call of the demo. */
  async askElsewhere(mtlsIssuer: string, decider: Http) {
    const { issuer, client_id: clientId, ciba, scope, request_object_signing_alg: alg = 'ES256' } = this.#file;
    const now = Math.floor(Date.now() / 1000);
    const claims = { scope, login_hint: ciba?.login_hint, binding_message: 'By library' };
    const request = await new SignJWT({ ...claims, iss: clientId, aud: issuer, jti: oidc.randomState(), nbf: now })
      .setIssuedAt(now)
      .setExpirationTime(now + 300)
      .setProtectedHeader({ alg, kid: this.#key.kid })
      .sign(this.#key.key);
    const asked = await oidc.initiateBackchannelAuthentication(this.#config, { request });
    const decision = { client_id: 'developer', decision: 'approve', login: 'alice' };
    await decider.post(`${mtlsIssuer}/demo/ciba/${asked.auth_req_id}`, decision);
    return oidc.pollBackchannelAuthenticationGrant(this.#config, asked);
  }

  async subjectOf(tokens: Awaited<ReturnType<OpenidClientFlow['authorize']>>): Promise<string> {
    const { sub = '' } = tokens.claims() ?? {};
    return (await oidc.fetchUserInfo(this.#config, tokens.access_token, sub, this.#dpop)).sub;
  }

  /** @returns the status of the bank's answer */
  async accounts(accessToken: string): Promise<number> {
    const url = new URL(this.#file.resource);
    const resource = oidc.fetchProtectedResource;
    const answer = await resource(this.#config, accessToken, url, 'GET', undefined, undefined, this.#dpop);
    return answer.status;
  }

  refresh(refreshToken: string) {
    return oidc.refreshTokenGrant(this.#config, refreshToken, undefined, this.#dpop);
  }

  ownTokens(scope: string) {
    return oidc.clientCredentialsGrant(this.#config, { scope }, this.#dpop);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.close();
    await this.#browser.close();
  }
}

// The library leaves these two to its user. FAPI2-MS-FINAL-5.3.1-3, -4.
function withTimes(_header: unknown, payload: Record<string, unknown>): void {
  const now = Math.floor(Date.now() / 1000);
  payload['nbf'] = now;
  payload['exp'] = now + 300;
}

async function signingKeyOf({ jwks }: ClientFile): Promise<SigningKey> {
  const [jwk] = jwks?.keys ?? [];
  const key = await importJWK({ ...jwk } as JWK, jwk?.alg);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
  return { key, kid: jwk?.kid ?? '' };
}

function configurationOf(file: ClientFile, key: SigningKey, dispatcher: Dispatcher): Promise<oidc.Configuration> {
  const metadata = {
    use_mtls_endpoint_aliases: true,
    ...(file.id_token_signed_response_alg === undefined
      ? {}
      : { id_token_signed_response_alg: file.id_token_signed_response_alg }),
    ...(file.authorization_signed_response_alg === undefined
      ? {}
      : { authorization_signed_response_alg: file.authorization_signed_response_alg }),
  };
  const byAssertion = file.token_endpoint_auth_method === 'private_key_jwt';
  // FAPI2-SP-FINAL-5.3.3.1-5: the issuer as one string; the library says a list of one.
  const issuerAlone = (_header: unknown, payload: Record<string, unknown>): void => {
    payload['aud'] = file.issuer;
  };
  const authentication = byAssertion
    ? oidc.PrivateKeyJwt(key, { [oidc.modifyAssertion]: issuerAlone })
    : oidc.TlsClientAuth();
  return oidc.discovery(new URL(file.issuer), file.client_id, metadata, authentication, {
    [oidc.customFetch]: (url: string, init: object) => undiciFetch(url, { ...init, dispatcher }),
  });
}
