import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { browserServerTls, mtlsServerTls } from '@holdfast/mtls';
import Provider from 'oidc-provider';
import { sqliteAdapter } from './oidc-provider/sqlite-adapter.ts';
import { announce, doorsOf, homeOfArguments, listen } from './serve.ts';

/**
 * `oidc-provider` as its documentation sets it up for FAPI 2.0: PAR, certificate-bound JWT access tokens, `tls_client_auth`,
 * rich authorization requests; and a storage as durable as Holdfast's.
 */
const API = 'https://api.bank.localhost:9543';
/** The package refuses to introspect a JWT; tokens for this resource are opaque. */
const OPAQUE = 'https://opaque.bank.localhost:9543';
const SCOPE = 'accounts';
const SESSION_SECRET = 'a throw-away secret of a throw-away process';

const home = homeOfArguments();
const doors = doorsOf(home);
const handler: { now: RequestListener } = { now: (_request, response) => response.destroy() };
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signingKey = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'oidc-provider' };
const mtls = `https://mtls.auth.localhost:${await listen(mtlsServerTls(doors.mtls, doors.clients), () => handler.now)}`;
const issuer = `https://auth.localhost:${await listen(browserServerTls(doors.browser), () => handler.now)}`;

interface Context {
  readonly socket: TLSSocket;
  readonly oidc: {
    readonly params: Readonly<Record<string, unknown>>;
    readonly grant?: { readonly rar?: unknown };
    readonly result?: { readonly consent?: { readonly grantId?: string } };
    readonly provider: { readonly Grant: { find(id: string): Promise<unknown> } };
  };
}

interface Source {
  readonly rar?: unknown;
}

const provider = new Provider(issuer, {
  adapter: sqliteAdapter(join(home, 'data/bench-oidc-provider.sqlite')),
  clients: [
    {
      client_id: 'developer',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'client.developer.localhost',
      tls_client_certificate_bound_access_tokens: true,
      redirect_uris: ['https://client.developer.localhost/callback'],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
      authorization_details_types: ['account_information'],
    },
  ],
  jwks: { keys: [signingKey] },
  clientAuthMethods: ['tls_client_auth'],
  cookies: { keys: [SESSION_SECRET] },
  scopes: ['openid', 'profile'],
  discovery: {
    mtls_endpoint_aliases: {
      pushed_authorization_request_endpoint: `${mtls}/request`,
      token_endpoint: `${mtls}/token`,
      introspection_endpoint: `${mtls}/token/introspection`,
    },
  },
  findAccount: (_context: Context, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (_context: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
  // Every pass asks for consent, as Holdfast does.
  loadExistingGrant: ({ oidc }: Context) => {
    const grantId = oidc.result?.consent?.grantId;
    return grantId === undefined ? undefined : oidc.provider.Grant.find(grantId);
  },
  issueRefreshToken: () => true,
  expiresWithSession: () => false,
  ttl: { AccessToken: 300, ClientCredentials: 300, RefreshToken: 90 * 86_400, Grant: 90 * 86_400, Session: 8 * 3600 },
  features: {
    devInteractions: { enabled: false },
    fapi: { enabled: true, profile: '2.0' },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    dPoP: { enabled: false },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: ({ socket }: Context) => socket.getPeerX509Certificate(),
      certificateAuthorized: ({ socket }: Context) => socket.authorized,
      certificateSubjectMatches: ({ socket }: Context, property: string, expected: string) =>
        property === 'tls_client_auth_san_dns' && socket.getPeerX509Certificate()?.subjectAltName === `DNS:${expected}`,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context: Context, resource: string) => ({
        scope: SCOPE,
        audience: resource,
        accessTokenTTL: 300,
        ...(resource === OPAQUE
          ? { accessTokenFormat: 'opaque' }
          : { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
      }),
    },
    richAuthorizationRequests: {
      enabled: true,
      types: { account_information: { validate: () => undefined } },
      authorizationDetailsForGrantSource: ({ oidc }: Context) => oidc.grant?.rar,
      authorizationDetailsForAccessToken: ({ oidc }: Context, _token: unknown, source: Source | undefined) => {
        const { authorization_details: asked } = oidc.params;
        return source?.rar ?? (typeof asked === 'string' ? (JSON.parse(asked) as unknown) : undefined);
      },
      authorizationDetailsForIntrospection: (_context: Context, token: Source) => token.rar,
    },
  },
});

/** The pages of login and consent, which the package leaves to its user. */
async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { uid, prompt, params, session } = await provider.interactionDetails(request, response);
  const login = prompt.name === 'login';
  if (request.method === 'GET') {
    const button = login ? 'submit-login' : 'consent-approve';
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>${prompt.name}</title><form method="post" action="/interaction/${uid}">` +
        `<button id="${button}" name="decision" value="approve">Approve for ${String(params['client_id'])}</button></form>`,
    );
    return;
  }
  // There is nothing in the form to be read.
  request.resume();
  await once(request, 'end');
  if (login) return provider.interactionFinished(request, response, { login: { accountId: 'alice' } });
  const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params['client_id']) });
  if (typeof params['scope'] === 'string') grant.addOIDCScope(params['scope']);
  grant.addResourceScope(API, SCOPE);
  for (const detail of prompt.details.rar ?? []) grant.addRar(detail);
  const grantId = await grant.save();
  return provider.interactionFinished(request, response, { consent: { grantId } });
}

const protocol = provider.callback();
handler.now = (request, response) => {
  if (request.url?.startsWith('/interaction/') !== true) {
    protocol(request, response);
    return;
  }
  interact(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
};
announce(issuer);
