import { createPublicKey, X509Certificate } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import type { KeyMaterial } from './key-material.ts';
import type { TestClient, TestClientRegistry } from './registry.ts';

/** Scopes and details a test client may ask for; a client may use the first two only with a person behind it. */
const SCOPE = 'openid profile grant_management_query grant_management_revoke';
const DETAIL_TYPES = ['account_information'];

/**
 * A test client as the authorization server reads it: the same words as in its own configuration, and no private key.
 * @param authority common name of the authority that issued its certificate
 */
export function registrationOf(
  client: TestClient,
  material: KeyMaterial,
  { notificationEndpoint }: TestClientRegistry,
  authority: string,
) {
  const { name, profile, method, bound, algorithm, delivery } = client;
  const usesCodes = profile !== 'fapi-ciba';
  return {
    client_id: name,
    profile,
    ...(method === 'tls_client_auth' ? { authority } : {}),
    metadata: {
      client_name: `Test suite: ${name}`,
      token_endpoint_auth_method: method,
      ...(method === 'tls_client_auth' ? selectorOf(client) : {}),
      ...(method === 'private_key_jwt' ? { token_endpoint_auth_signing_alg: algorithm } : {}),
      jwks: { keys: publicKeys(client, material) },
      tls_client_certificate_bound_access_tokens: bound.includes('mtls'),
      dpop_bound_access_tokens: bound.includes('dpop'),
      ...(usesCodes ? { redirect_uris: client.redirectUris, response_types: responseTypes(profile) } : {}),
      grant_types: [
        usesCodes ? 'authorization_code' : 'urn:openid:params:grant-type:ciba',
        'refresh_token',
        'client_credentials',
      ],
      scope: SCOPE,
      authorization_details_types: DETAIL_TYPES,
      request_object_signing_alg: algorithm,
      id_token_signed_response_alg: algorithm,
      authorization_signed_response_alg: algorithm,
      introspection_signed_response_alg: algorithm,
      ...(delivery === undefined ? {} : { backchannel_token_delivery_mode: delivery }),
      ...(delivery === 'ping' ? { backchannel_client_notification_endpoint: notificationEndpoint } : {}),
    },
  };
}

const responseTypes = (profile: TestClient['profile']): readonly string[] =>
  profile === 'fapi1-advanced' ? ['code', 'code id_token'] : ['code'];

/** The name in the certificate. The two of a pair are told apart by different kinds of name, so that both are in use. */
export const subjectOf = ({ name }: TestClient): string => `CN=${name},O=Holdfast test clients`;
export const dnsNameOf = ({ name }: TestClient): string => `${name}.client.localhost`;

const selectorOf = (client: TestClient): Readonly<Record<string, string>> =>
  client.algorithm === 'PS256'
    ? { tls_client_auth_subject_dn: subjectOf(client) }
    : { tls_client_auth_san_dns: dnsNameOf(client) };

/** RFC8705-2.2.2: a certificate of its own making is registered as `x5c` of its key. */
function publicKeys({ method }: TestClient, { signingKey, certificate }: KeyMaterial): readonly JsonWebKey[] {
  const { kid, alg, use, ...key } = signingKey;
  const signing = { ...createPublicKey({ key, format: 'jwk' }).export({ format: 'jwk' }), kid, alg, use };
  if (method !== 'self_signed_tls_client_auth' || certificate === undefined) return [signing];
  const x509 = new X509Certificate(certificate);
  const x5c = [x509.raw.toString('base64')];
  // `use: enc` keeps the key of the connection from being taken for one that signs requests.
  return [signing, { ...x509.publicKey.export({ format: 'jwk' }), kid: `${kid}-tls`, use: 'enc', x5c }];
}
