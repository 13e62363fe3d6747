import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { clientAuthentication, naming, proofOfPossession, signingKey } from '../client-keys.ts';
import type { ClientFile } from '../client-file.ts';
import type { Connections } from '../connection.ts';
import { openConnections } from '../connection.ts';
import type { LoadedClient } from '../load-client.ts';

// The whole flow as the documentation of each library shows it, with nothing of this client's checks: what do they refuse
// alone?

export interface Wanted {
  readonly responseType: 'code' | 'code id_token';
}

export type Bare = (loaded: LoadedClient, wanted: Wanted) => Promise<void>;

/** Where a server that shows no pages sends the browser at once. */
async function followOnce({ browser }: Connections, url: URL): Promise<URL> {
  const answer = await browser(url.href, { method: 'GET' });
  return new URL(answer.headers.get('location') ?? 'about:blank');
}

function parametersOf(file: ClientFile, responseType: string, secrets: Record<string, string>): Record<string, string> {
  return {
    client_id: file.client_id,
    response_type: responseType,
    redirect_uri: file.redirect_uri!,
    scope: file.scope!,
    authorization_details: JSON.stringify(file.authorization_details),
    code_challenge_method: 'S256',
    ...(file.response_mode === undefined ? {} : { response_mode: file.response_mode }),
    ...secrets,
  };
}

const registered = (file: ClientFile) => ({
  use_mtls_endpoint_aliases: file.token_endpoint_auth_method !== 'private_key_jwt' || file.sender_constraint === 'mtls',
  id_token_signed_response_alg: file.id_token_signed_response_alg!,
  authorization_signed_response_alg: file.id_token_signed_response_alg!,
});

export const bareOauth4webapi: Bare = async (loaded, { responseType }) => {
  const { file } = loaded;
  const connections = openConnections(loaded);
  try {
    const issuer = new URL(file.issuer);
    const client: oauth.Client = { client_id: file.client_id, ...registered(file) };
    const auth = await clientAuthentication(file);
    const dpop = await proofOfPossession(file, client);
    const plain = { [oauth.customFetch]: connections.backChannel };
    const options = dpop === undefined ? plain : { ...plain, DPoP: dpop };
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, plain));

    const [verifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
    ];
    const challenge = await oauth.calculatePKCECodeChallenge(verifier);
    const parameters = parametersOf(file, responseType, { state, nonce, code_challenge: challenge });
    const push = async (): Promise<oauth.PushedAuthorizationResponse> => {
      const form = await signedWhereNeeded(file, as, client, parameters);
      return oauth.processPushedAuthorizationResponse(
        as,
        client,
        await oauth.pushedAuthorizationRequest(as, client, auth, form, options),
      );
    };
    const { request_uri: requestUri } = await onceMore(push);

    const url = new URL(as.authorization_endpoint!);
    url.search = new URLSearchParams({ client_id: file.client_id, request_uri: requestUri }).toString();
    const callback = await followOnce(connections, url);
    let answer: URLSearchParams;
    if (responseType === 'code id_token')
      answer = await oauth.validateDetachedSignatureResponse(as, client, callback, nonce, state, undefined, plain);
    else if (file.response_mode === 'jwt')
      answer = await oauth.validateJwtAuthResponse(as, client, callback, state, plain);
    else answer = oauth.validateAuthResponse(as, client, callback, state);

    const tokens = await onceMore(async () => {
      const redeemed = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        auth,
        answer,
        file.redirect_uri!,
        verifier,
        options,
      );
      return oauth.processAuthorizationCodeResponse(as, client, redeemed, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
    });
    const { sub } = oauth.getValidatedIdTokenClaims(tokens)!;
    await onceMore(async () =>
      oauth.processUserInfoResponse(
        as,
        client,
        sub,
        await oauth.userInfoRequest(as, client, tokens.access_token, options),
      ),
    );
    const resource = new URL(file.resource);
    await onceMore(() =>
      oauth.protectedResourceRequest(tokens.access_token, 'GET', resource, undefined, undefined, options),
    );
  } finally {
    await connections.close();
  }
};

async function signedWhereNeeded(
  file: ClientFile,
  as: oauth.AuthorizationServer,
  client: oauth.Client,
  parameters: Record<string, string>,
): Promise<URLSearchParams> {
  if (file.profile === 'fapi2-security') return new URLSearchParams(parameters);
  const { key, kid, alg } = await signingKey(file, undefined);
  const request = await oauth.issueRequestObject(as, client, parameters, { key, kid }, naming(alg));
  return new URLSearchParams({ request });
}

/** RFC9449-8, as the library's documentation does it. */
async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (oauth.isDPoPNonceError(error)) return work();
    throw error;
  }
}

export const bareOpenidClient: Bare = async (loaded, { responseType }) => {
  const { file } = loaded;
  const connections = openConnections(loaded);
  try {
    const { key, kid, alg } = await signingKey(file, undefined);
    const byKey = file.token_endpoint_auth_method === 'private_key_jwt';
    const auth = byKey ? openid.PrivateKeyJwt({ key, kid }, naming(alg)) : openid.TlsClientAuth();
    const config = await openid.discovery(new URL(file.issuer), file.client_id, registered(file), auth, {
      [openid.customFetch]: connections.backChannel,
    });
    if (responseType === 'code id_token') {
      openid.useCodeIdTokenResponseType(config);
      openid.enableDetachedSignatureResponseChecks(config);
    } else if (file.response_mode === 'jwt') openid.useJwtResponseMode(config);
    const dpop = await proofOfPossession(file, { client_id: file.client_id });
    const options = dpop === undefined ? {} : { DPoP: dpop };

    const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()];
    const challenge = await openid.calculatePKCECodeChallenge(verifier);
    let parameters = parametersOf(file, responseType, { state, nonce, code_challenge: challenge });
    if (file.profile !== 'fapi2-security') {
      const signed = await openid.buildAuthorizationUrlWithJAR(config, parameters, { key, kid }, naming(alg));
      parameters = { request: signed.searchParams.get('request')! };
    }
    const url = await openid.buildAuthorizationUrlWithPAR(config, parameters, options);
    const callback = await followOnce(connections, url);
    const tokens = await openid.authorizationCodeGrant(
      config,
      callback,
      { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
      undefined,
      options,
    );
    await openid.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub, options);
    const resource = new URL(file.resource);
    await openid.fetchProtectedResource(config, tokens.access_token, resource, 'GET', undefined, undefined, options);
  } finally {
    await connections.close();
  }
};
