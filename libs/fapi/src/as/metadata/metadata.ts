import { SIGNING_ALGORITHMS } from '../../profile.ts';
import type { Engine } from '../engine.ts';

/** Paths of the endpoints, the same on both listeners. */
export const ENDPOINT_PATHS = {
  authorization: '/authorize',
  pushedAuthorizationRequest: '/par',
  token: '/token',
  userinfo: '/userinfo',
  introspection: '/introspect',
  revocation: '/revoke',
  jwks: '/jwks',
} as const;

/**
 * The server's metadata, for both well-known documents. RFC8414-2, OIDC-DISCOVERY-3.
 * Computed from the profile that is enforced; it advertises nothing else.
 */
export function metadata(as: Engine): Readonly<Record<string, unknown>> {
  const { profile } = as;
  return {
    issuer: as.issuer,
    authorization_endpoint: as.issuer + ENDPOINT_PATHS.authorization,
    jwks_uri: as.issuer + ENDPOINT_PATHS.jwks,
    ...backChannelEndpoints(as.issuer),
    // RFC8705-5: only names that end in _endpoint; never the authorization endpoint, which must not ask for certificates.
    mtls_endpoint_aliases: backChannelEndpoints(as.mtlsBase),
    // FAPI2-SP-FINAL-5.3.2.2-3
    require_pushed_authorization_requests: true,
    // FAPI2-SP-FINAL-5.3.2.2-7, RFC9207-3
    authorization_response_iss_parameter_supported: true,
    // RFC8705-3.3
    tls_client_certificate_bound_access_tokens: true,
    response_types_supported: profile.responseTypes,
    response_modes_supported: profile.responseModes,
    grant_types_supported: profile.grantTypes,
    code_challenge_methods_supported: profile.codeChallengeMethods,
    token_endpoint_auth_methods_supported: profile.clientAuthenticationMethods,
    introspection_endpoint_auth_methods_supported: profile.clientAuthenticationMethods,
    revocation_endpoint_auth_methods_supported: profile.clientAuthenticationMethods,
    id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
    subject_types_supported: ['public'],
    scopes_supported: profile.scopes,
    claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'nonce', 'auth_time', 'name'],
    claims_parameter_supported: false,
    // OIDC-DISCOVERY-3: these two default to what this server does not do (true for request_uri), so they are said.
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    prompt_values_supported: ['none', 'login', 'consent'],
    ui_locales_supported: ['en', 'ja'],
    // RFC9396-10
    authorization_details_types_supported: as.detailTypes.map(({ type }) => type),
  };
}

function backChannelEndpoints(base: string): Readonly<Record<string, string>> {
  return {
    pushed_authorization_request_endpoint: base + ENDPOINT_PATHS.pushedAuthorizationRequest,
    token_endpoint: base + ENDPOINT_PATHS.token,
    userinfo_endpoint: base + ENDPOINT_PATHS.userinfo,
    introspection_endpoint: base + ENDPOINT_PATHS.introspection,
    revocation_endpoint: base + ENDPOINT_PATHS.revocation,
  };
}
