import { thumbprint } from '@holdfast/mtls';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'jose';
import type { ClientFile, SigningAlgorithm } from '../client-file.ts';

/** One kind of client; what is left out is that of the plainest one. */
export interface Variant {
  readonly profile?: ClientFile['profile'];
  readonly auth?: ClientFile['token_endpoint_auth_method'];
  readonly constraint?: ClientFile['sender_constraint'];
  readonly alg?: SigningAlgorithm;
  readonly responseMode?: NonNullable<ClientFile['response_mode']>;
  readonly scope?: string;
  readonly redirectUri?: string;
  /** Of the issuer, which has none by itself. */
  readonly path?: string;
  /** Whether the server shows its pages or sends the browser back at once. */
  readonly pages?: 'shown' | 'at once';
  readonly login?: ClientFile['login'];
  /** Whether somebody has to agree at the approval page. */
  readonly approval?: true;
  /** A free port for the notification endpoint. */
  readonly notificationPort?: number;
}

/** What the server knows of a client. */
export interface Registration {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly auth: ClientFile['token_endpoint_auth_method'];
  readonly constraint: ClientFile['sender_constraint'];
  readonly certificate: string;
  readonly key: JWK;
  readonly alg: SigningAlgorithm;
  readonly signsRequests: boolean;
  readonly pages: 'shown' | 'at once';
  readonly approval: boolean;
  readonly notificationEndpoint: string | undefined;
}

const REDIRECT_URI = 'https://client.developer.localhost/callback';
export const PERSON = { name: 'alice', password: 'correct horse & <battery>' };

/** Makes the keys of clients, once per algorithm. */
export class ClientKeys {
  readonly #made = new Map<SigningAlgorithm, Promise<JWK>>();

  private(alg: SigningAlgorithm): Promise<JWK> {
    const made = this.#made.get(alg) ?? this.#make(alg);
    this.#made.set(alg, made);
    return made;
  }

  async #make(alg: SigningAlgorithm): Promise<JWK> {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    return { ...(await exportJWK(privateKey)), kid: `client-${alg}`, alg, use: 'sig' };
  }
}

/** A client of that kind: its file, and what the server knows of it. */
export async function register(
  world: { pki: ThrowAwayPki; keys: ClientKeys; issuer: string; resource: string },
  variant: Variant,
): Promise<{ file: Record<string, unknown>; registration: Registration }> {
  const { profile = 'fapi2-security', auth = 'tls_client_auth', constraint = 'mtls', alg = 'ES256' } = variant;
  const { pki, keys, issuer, resource } = world;
  const jwk = await keys.private(alg);
  const leaf = pki.leaf('developer/client');
  const notificationEndpoint =
    variant.notificationPort === undefined ? undefined : `https://fintech.localhost:${variant.notificationPort}/told`;
  const registration: Registration = {
    clientId: 'developer',
    redirectUri: variant.redirectUri ?? REDIRECT_URI,
    auth,
    constraint,
    certificate: thumbprint(leaf.certificate.raw),
    key: publicOf(jwk),
    alg,
    signsRequests: profile !== 'fapi2-security',
    pages: variant.pages ?? 'at once',
    approval: variant.approval ?? false,
    notificationEndpoint,
  };
  const listener = pki.leaf('fintech/web');
  const file = {
    issuer,
    client_id: registration.clientId,
    profile,
    token_endpoint_auth_method: auth,
    sender_constraint: constraint,
    dpop_signing_alg: alg,
    jwks: { keys: [jwk] },
    ...(auth === 'private_key_jwt' && constraint === 'dpop'
      ? {}
      : { certificate: leaf.certificatePem, key: leaf.keyPem }),
    trust: pki.web.trust.pem,
    redirect_uri: registration.redirectUri,
    scope: variant.scope ?? 'openid profile',
    authorization_details: [{ type: 'account_information', locations: [new URL(resource).origin] }],
    resource,
    ...(variant.responseMode === undefined ? {} : { response_mode: variant.responseMode }),
    id_token_signed_response_alg: alg,
    ...(variant.login === undefined ? {} : { login: variant.login }),
    ciba: {
      login_hint: 'alice',
      binding_message: 'W7K-2Q',
      requested_expiry: 60,
      ...(registration.approval ? { approval_page: `${issuer}/approvals` } : {}),
      ...(notificationEndpoint === undefined
        ? {}
        : {
            backchannel_client_notification_endpoint: notificationEndpoint,
            notification: { certificate: listener.certificatePem, key: listener.keyPem },
          }),
    },
  };
  return { file, registration };
}

function publicOf(jwk: JWK): JWK {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...members } = jwk;
  return members;
}
