import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import { browserServerTls, mtlsServerTls } from '@holdfast/mtls';
import type { Incoming, Listener, Outgoing } from './tls-listener.ts';
import { listen } from './tls-listener.ts';

type Json = Record<string, unknown>;

/**
 * What this server does wrong when told to; everything left out is done right. Each member is one thing a real server, or
 * somebody who owns one, could do to Tidepool.
 */
export interface ServerMischief {
  metadata?: (honest: Json) => Json;
  discovery?: () => Outgoing | undefined;
  par?: () => Outgoing | undefined;
  /** Parameters of the redirect back. */
  answer?: (honest: URLSearchParams) => URLSearchParams;
  idToken?: { header?: (honest: Json) => Json; claims?: (honest: Json) => Json; key?: KeyObject; raw?: string };
  tokenResponse?: (honest: Json) => Json;
  token?: () => Outgoing | undefined | Promise<Outgoing | undefined>;
  refresh?: () => Outgoing | undefined | Promise<Outgoing | undefined>;
  revocation?: () => Outgoing | undefined;
}

interface Pushed {
  readonly form: URLSearchParams;
}

/** What a live access token is good for. */
export interface LiveToken {
  readonly thumbprint: string;
  readonly grant: string;
}

export const SUBJECT = 'cus-alice-7302';

/** An obedient little authorization server over real TLS that can be told to misbehave. */
export class LittleAuthorizationServer {
  mischief: ServerMischief = {};
  /** Every call it got, by endpoint. */
  readonly calls: { endpoint: string; request: Incoming }[] = [];
  /** Every token and code it ever made, to look for where they must not be. */
  readonly secrets: string[] = [];
  readonly accessTokens = new Map<string, LiveToken>();
  readonly refreshTokens = new Map<string, string>();
  accessTokenLifetime: number | undefined = 300;
  readonly #pushed = new Map<string, Pushed>();
  readonly #codes = new Map<string, Pushed>();
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #listeners: Listener[] = [];
  readonly #pki: ThrowAwayPki;

  readonly #now: () => Date;

  constructor(pki: ThrowAwayPki, now: () => Date) {
    this.#pki = pki;
    this.#now = now;
  }

  /** @param ports to come back on the same ones after having been away */
  async open(ports: readonly number[] = []): Promise<void> {
    const browser = browserServerTls(this.#pki.identity('authorization-server/browser'));
    const mtls = mtlsServerTls(this.#pki.identity('authorization-server/mtls'), this.#pki.participants.trust);
    this.#listeners = [
      await listen(browser, (request) => this.#browser(request), ports[0]),
      await listen(mtls, (request) => this.#backChannel(request), ports[1]),
    ];
  }

  async close(): Promise<readonly number[]> {
    const { ports } = this;
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    return ports;
  }

  get ports(): readonly number[] {
    return this.#listeners.map((listener) => listener.port);
  }

  get issuer(): string {
    return `https://auth.localhost:${this.ports[0]}`;
  }

  callsTo(endpoint: string): Incoming[] {
    return this.calls.filter((call) => call.endpoint === endpoint).map((call) => call.request);
  }

  /** What the person does at the bank: logs in and agrees. Returns where the browser is sent. */
  agree(authorizeUrl: string, outcome: Record<string, string> = {}): string {
    const asked = this.#pushed.get(new URL(authorizeUrl).searchParams.get('request_uri') ?? '');
    if (asked === undefined) throw new Error('nothing was pushed under this request_uri');
    const answer = new URLSearchParams(outcome);
    if (outcome['error'] === undefined) answer.set('code', this.#code(asked));
    answer.set('state', asked.form.get('state') ?? '');
    answer.set('iss', this.issuer);
    const sent = this.mischief.answer?.(answer) ?? answer;
    return `${asked.form.get('redirect_uri')}?${sent.toString()}`;
  }

  /** What the person does later, at the bank: withdraws everything. */
  withdrawAll(): void {
    this.accessTokens.clear();
    this.refreshTokens.clear();
  }

  #browser(request: Incoming): Outgoing | undefined {
    const { path } = request;
    this.calls.push({ endpoint: path, request });
    if (path === '/.well-known/openid-configuration')
      return this.mischief.discovery === undefined ? this.#metadata() : this.mischief.discovery();
    if (path === '/jwks')
      return {
        status: 200,
        body: { keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' }] },
      };
    return { status: 404 };
  }

  #metadata(): Outgoing {
    const base = `https://mtls.auth.localhost:${this.ports[1]}`;
    const honest = {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      jwks_uri: `${this.issuer}/jwks`,
      token_endpoint: `${this.issuer}/token`,
      pushed_authorization_request_endpoint: `${this.issuer}/par`,
      revocation_endpoint: `${this.issuer}/revoke`,
      mtls_endpoint_aliases: {
        token_endpoint: `${base}/token`,
        pushed_authorization_request_endpoint: `${base}/par`,
        revocation_endpoint: `${base}/revoke`,
      },
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['ES256'],
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
    };
    return { status: 200, body: this.mischief.metadata?.(honest) ?? honest };
  }

  #backChannel(request: Incoming): Outgoing | undefined | Promise<Outgoing | undefined> {
    const grant = request.form.get('grant_type');
    const endpoint = grant === null ? request.path : `${request.path} ${grant}`;
    this.calls.push({ endpoint, request });
    if (request.certificate === undefined || request.form.get('client_id') !== 'tidepool') return invalidClient();
    switch (endpoint) {
      case '/par':
        return this.mischief.par === undefined ? this.#push(request) : this.mischief.par();
      case '/token authorization_code':
        return this.mischief.token === undefined ? this.#redeem(request) : this.mischief.token();
      case '/token refresh_token':
        return this.mischief.refresh === undefined ? this.refreshed(request) : this.mischief.refresh();
      case '/revoke':
        return this.mischief.revocation === undefined ? this.#revoke(request) : this.mischief.revocation();
      default:
        return { status: 404 };
    }
  }

  #push({ form }: Incoming): Outgoing {
    const requestUri = `urn:ietf:params:oauth:request_uri:${this.#secret()}`;
    this.#pushed.set(requestUri, { form });
    return { status: 201, body: { request_uri: requestUri, expires_in: 60 } };
  }

  #code(asked: Pushed): string {
    const code = this.#secret();
    this.#codes.set(code, asked);
    return code;
  }

  #redeem({ form, certificate }: Incoming): Outgoing {
    const code = form.get('code') ?? '';
    const asked = this.#codes.get(code);
    this.#codes.delete(code);
    const verifier = form.get('code_verifier') ?? '';
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (asked === undefined || asked.form.get('code_challenge') !== challenge) return invalidGrant();
    const grant = randomBytes(8).toString('hex');
    const refreshToken = this.#secret();
    this.refreshTokens.set(refreshToken, grant);
    const [detail] = JSON.parse(asked.form.get('authorization_details') ?? '[]') as Json[];
    const honest: Json = {
      ...this.#accessToken(grant, certificate ?? ''),
      refresh_token: refreshToken,
      id_token: this.#idToken(asked.form.get('nonce') ?? ''),
      grant_id: grant,
      authorization_details: [
        {
          ...detail,
          consent_id: 'con-1',
          accounts: ['acc-1', 'acc-2'],
          expires_at: Math.floor(this.#now().getTime() / 1000) + 90 * 24 * 3600,
        },
      ],
    };
    return { status: 200, body: this.mischief.tokenResponse?.(honest) ?? honest };
  }

  /** The honest answer to a refresh; public so that a delayed one can be built from it. */
  refreshed({ form, certificate }: Incoming): Outgoing {
    const grant = this.refreshTokens.get(form.get('refresh_token') ?? '');
    if (grant === undefined) return invalidGrant();
    return { status: 200, body: this.#accessToken(grant, certificate ?? '') };
  }

  #accessToken(grant: string, thumbprint: string): Json {
    const token = this.#secret();
    this.accessTokens.set(token, { thumbprint, grant });
    const { accessTokenLifetime: seconds } = this;
    return { access_token: token, token_type: 'Bearer', ...(seconds === undefined ? {} : { expires_in: seconds }) };
  }

  #revoke({ form }: Incoming): Outgoing {
    const token = form.get('token') ?? '';
    const grant = this.refreshTokens.get(token) ?? this.accessTokens.get(token)?.grant;
    this.refreshTokens.delete(token);
    for (const [live, of] of this.accessTokens) if (of.grant === grant) this.accessTokens.delete(live);
    return { status: 200, body: '' };
  }

  #idToken(nonce: string): string {
    const { header, claims, key, raw } = this.mischief.idToken ?? {};
    if (raw !== undefined) return raw;
    const now = Math.floor(this.#now().getTime() / 1000);
    const honest = { iss: this.issuer, sub: SUBJECT, aud: 'tidepool', iat: now, exp: now + 300, nonce };
    const protectedHeader = { alg: 'ES256', kid: 'one', typ: 'JWT' };
    return signed(
      header?.(protectedHeader) ?? protectedHeader,
      claims?.(honest) ?? honest,
      key ?? this.#keys.privateKey,
    );
  }

  #secret(): string {
    const secret = randomBytes(32).toString('base64url');
    this.secrets.push(secret);
    return secret;
  }
}

/** RFC7515-3.1, signed with ES256 whatever the header claims. */
export function signed(header: Json, claims: Json, key: KeyObject): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

export const invalidGrant = (): Outgoing => ({ status: 400, body: { error: 'invalid_grant' } });
export const invalidClient = (): Outgoing => ({ status: 401, body: { error: 'invalid_client' } });
