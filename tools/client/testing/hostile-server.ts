import { browserServerTls, mtlsServerTls } from '@holdfast/mtls';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import {
  answerBackchannel,
  answerIntrospection,
  answerPar,
  answerResource,
  answerRevocation,
  answerToken,
  answerUserinfo,
} from './back-answers.ts';
import type { Bend } from './bend.ts';
import { answerApprovals } from './approval-pages.ts';
import { answerAuthorize, answerPage } from './front-answers.ts';
import { notify } from './notify.ts';
import { Misconduct } from './proof-check.ts';
import type { Registration } from './registration.ts';
import { ServerState } from './server-state.ts';
import type { Addresses } from './server-state.ts';
import { Signer } from './signer.ts';
import type { Json } from './signer.ts';
import { listen } from './tls-listener.ts';
import type { Incoming, Listener, Outgoing } from './tls-listener.ts';

export type Endpoint =
  | 'discovery'
  | 'jwks'
  | 'par'
  | 'authorize'
  | 'page'
  | 'token'
  | 'userinfo'
  | 'introspection'
  | 'revocation'
  | 'backchannel'
  | 'resource'
  | 'other bank'
  | 'unknown';

export interface RecordedCall {
  readonly endpoint: Endpoint;
  /** Through which door: the browser's, which asks for no certificate, the mTLS aliases', a bank's. */
  readonly door: 'browser' | 'mtls' | 'bank' | 'other bank';
  readonly request: Incoming;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/jwks': 'jwks',
  '/par': 'par',
  '/authorize': 'authorize',
  '/login': 'page',
  '/consent': 'page',
  '/token': 'token',
  '/userinfo': 'userinfo',
  '/introspect': 'introspection',
  '/revoke': 'revocation',
  '/bc-authorize': 'backchannel',
};

/**
 * A small authorization server and a bank over real TLS, honest until told otherwise. It judges the client with nothing
 * of the client's code, so that a run that passes says something of both.
 */
export class HostileServer {
  readonly calls: RecordedCall[] = [];
  readonly #pki: ThrowAwayPki;
  readonly #signer: Signer;
  #listeners: Listener[] = [];
  #state: ServerState | undefined;

  private constructor(pki: ThrowAwayPki, signer: Signer) {
    this.#pki = pki;
    this.#signer = signer;
  }

  static async open(pki: ThrowAwayPki): Promise<HostileServer> {
    const server = new HostileServer(pki, await Signer.create());
    const { trust } = pki.participants;
    const at = (door: RecordedCall['door']) => (request: Incoming) => server.#answer(door, request);
    server.#listeners = [
      await listen(browserServerTls(pki.identity('authorization-server/browser')), at('browser')),
      await listen(mtlsServerTls(pki.identity('authorization-server/mtls'), trust), at('mtls')),
      await listen(mtlsServerTls(pki.identity('bank/api'), trust), at('bank')),
      await listen(mtlsServerTls(pki.identity('lab/web'), trust), at('other bank')),
    ];
    return server;
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  get addresses(): Addresses {
    const [browser, mtls, bank, other] = this.#listeners.map(({ port }) => port);
    return {
      issuer: `https://auth.localhost:${browser}`,
      mtls: `https://mtls.auth.localhost:${mtls}`,
      resource: `https://api.bank.localhost:${bank}/accounts`,
      otherBank: `https://lab.localhost:${other}/accounts`,
    };
  }

  /**
   * Forgets everything and knows one client.
   * @param path of the issuer
   */
  begin(client: Registration, bend: Bend, path = ''): void {
    const { issuer, ...others } = this.addresses;
    this.calls.length = 0;
    this.#state = new ServerState({ ...others, issuer: `${issuer}${path}` }, this.#signer, client, bend);
  }

  callsTo(endpoint: Endpoint): RecordedCall[] {
    return this.calls.filter((call) => call.endpoint === endpoint);
  }

  async #answer(door: RecordedCall['door'], request: Incoming): Promise<Outgoing> {
    const endpoint = endpointOf(door, request.path, this.#state?.addresses.issuer);
    this.calls.push({ endpoint, door, request });
    if (this.#state === undefined) throw new Error('nothing was begun');
    try {
      return await this.#honest(this.#state, endpoint, request);
    } catch (error) {
      if (!(error instanceof Misconduct)) throw error;
      const body = { error: error.code, error_description: error.message };
      return { status: error.code === 'invalid_client' ? 401 : 400, headers: error.headers, body };
    }
  }

  async #honest(state: ServerState, endpoint: Endpoint, request: Incoming): Promise<Outgoing> {
    const { bend } = state;
    switch (endpoint) {
      case 'discovery': {
        const honest = metadata(state);
        const answer = { status: 200, body: bend.metadata?.(honest) ?? honest };
        return bend.discovery?.(answer) ?? answer;
      }
      case 'jwks':
        return { status: 200, body: bend.jwks?.(state.signer.jwks()) ?? state.signer.jwks() };
      case 'authorize': {
        const answer = await answerAuthorize(state, request);
        return bend.page?.(answer, request.path) ?? answer;
      }
      case 'page': {
        const answer = await (request.path.startsWith('/approvals') ? answerApprovals : answerPage)(state, request);
        return bend.page?.(answer, `${request.method} ${request.path}`) ?? answer;
      }
      case 'par':
        return answerPar(state, request);
      case 'token':
        return answerToken(state, request);
      case 'userinfo':
        return answerUserinfo(state, request);
      case 'introspection':
        return answerIntrospection(state, request);
      case 'revocation':
        return answerRevocation(state, request);
      case 'backchannel': {
        const answer = await answerBackchannel(state, request);
        void notify(state, this.#pki.web.trust.pem);
        return answer;
      }
      case 'resource':
        return answerResource(state, request);
      case 'other bank':
        return { status: 200, body: { accounts: [] } };
      case 'unknown':
        return { status: 404, body: {} };
    }
  }
}

function endpointOf(door: RecordedCall['door'], path: string, issuer = 'https://none'): Endpoint {
  if (door === 'other bank') return 'other bank';
  if (door === 'bank') return path === '/accounts' ? 'resource' : 'unknown';
  const own = new URL(issuer).pathname.replace(/\/$/, '');
  // OIDC-DISCOVERY-4, RFC8414-3: behind the issuer's path, or before it.
  if (path === `${own}/.well-known/openid-configuration`) return 'discovery';
  if (path === `/.well-known/oauth-authorization-server${own}`) return 'discovery';
  if (path.startsWith('/approvals')) return 'page';
  return ENDPOINTS[path] ?? 'unknown';
}

function metadata({ addresses: { issuer, mtls }, client }: ServerState): Json {
  const { origin } = new URL(issuer);
  const direct = {
    pushed_authorization_request_endpoint: '/par',
    token_endpoint: '/token',
    userinfo_endpoint: '/userinfo',
    introspection_endpoint: '/introspect',
    revocation_endpoint: '/revoke',
    backchannel_authentication_endpoint: '/bc-authorize',
  };
  const at = (base: string): Json =>
    Object.fromEntries(Object.entries(direct).map(([name, path]) => [name, `${base}${path}`]));
  return {
    issuer,
    authorization_endpoint: `${origin}/authorize`,
    jwks_uri: `${origin}/jwks`,
    ...at(origin),
    mtls_endpoint_aliases: at(mtls),
    authorization_response_iss_parameter_supported: true,
    id_token_signing_alg_values_supported: [client.alg],
    authorization_signing_alg_values_supported: [client.alg],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    code_challenge_methods_supported: ['S256'],
    require_pushed_authorization_requests: true,
  };
}
