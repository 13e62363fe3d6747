import type { ClientPolicy } from '../../profile.ts';
import { DPOP, POLICIES, SIGNING_ALGORITHMS } from '../../profile.ts';
import type { Engine } from '../engine.ts';
import { GRANT_MANAGEMENT_ACTIONS } from '../grants/management.ts';
import { ENDPOINT_PATHS } from './endpoints.ts';

/**
 * The server's metadata, for both well-known documents. RFC8414-2 [META-07] [META-17], RFC8414-3.3 [META-02],
 * OIDC-DISCOVERY-3. Computed from the profile that is enforced; it advertises nothing else.
 */
export function metadata(as: Engine): Readonly<Record<string, unknown>> {
  const { profile } = as;
  const policies = as.profiles.map((name) => POLICIES[name]);
  const modes = responseModes(policies);
  const methods = profile.clientAuthenticationMethods;
  const asksElsewhere = as.profiles.includes('fapi-ciba');
  const signsRequests = policies.some(({ requestObject }) => requestObject === 'required');
  return {
    issuer: as.issuer,
    authorization_endpoint: as.issuer + ENDPOINT_PATHS.authorization,
    jwks_uri: as.issuer + ENDPOINT_PATHS.jwks,
    ...backChannelEndpoints(as.issuer, asksElsewhere),
    // RFC8705-5 [META-15] [META-16]: only names that end in _endpoint; never the authorization endpoint, which must not
    // ask for certificates.
    mtls_endpoint_aliases: backChannelEndpoints(as.mtlsBase, asksElsewhere),
    // RFC7591-3: served on the listener that asks for certificates alone, so it has this one name.
    ...(as.registration === undefined ? {} : { registration_endpoint: as.mtlsBase + ENDPOINT_PATHS.registration }),
    // FAPI2-SP-FINAL-5.3.2.2-3, RFC9126-5 [META-08]
    require_pushed_authorization_requests: true,
    // FAPI2-SP-FINAL-5.3.2.2-7, RFC9207-3 [META-06]
    authorization_response_iss_parameter_supported: true,
    // RFC8705-3.3 [META-09]
    tls_client_certificate_bound_access_tokens: true,
    // RFC9449-5.1 [META-13]
    dpop_signing_alg_values_supported: DPOP.algorithms,
    response_types_supported: union(policies, ({ responses }) => Object.keys(responses)),
    response_modes_supported: modes,
    grant_types_supported: union(policies, ({ grantTypes }) => grantTypes),
    code_challenge_methods_supported: profile.codeChallengeMethods,
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
    id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
    // RFC9701-7
    introspection_signing_alg_values_supported: SIGNING_ALGORITHMS,
    // JARM-4 [META-12]
    ...(modes.some((mode) => mode.endsWith('jwt'))
      ? { authorization_signing_alg_values_supported: SIGNING_ALGORITHMS }
      : {}),
    subject_types_supported: ['public'],
    scopes_supported: [...profile.scopes, ...profile.clientScopes],
    acr_values_supported: [profile.acr],
    claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'nonce', 'auth_time', 'acr', 'name'],
    claims_parameter_supported: true,
    // OIDC-DISCOVERY-3: `request_uri` by reference defaults to true, and is never fetched here.
    request_parameter_supported: signsRequests,
    request_uri_parameter_supported: false,
    ...(signsRequests ? { request_object_signing_alg_values_supported: SIGNING_ALGORITHMS } : {}),
    ...(asksElsewhere ? cibaMetadata : {}),
    prompt_values_supported: ['none', 'login', 'consent'],
    ui_locales_supported: ['en', 'ja'],
    // RFC9396-10 [META-14]
    authorization_details_types_supported: as.detailTypes.map(({ type }) => type),
    // GM-7.1
    grant_management_actions_supported: GRANT_MANAGEMENT_ACTIONS,
    grant_management_action_required: false,
  };
}

const union = (
  policies: readonly ClientPolicy[],
  of: (policy: ClientPolicy) => readonly string[],
): readonly string[] => [...new Set(policies.flatMap(of))];

// JARM-2.3.4: `jwt` stands for whichever signed mode is the default of the response type.
function responseModes(policies: readonly ClientPolicy[]): readonly string[] {
  const modes = union(policies, ({ responses }) => Object.values(responses).flat());
  return modes.some((mode) => mode.endsWith('.jwt')) ? [...modes, 'jwt'] : modes;
}

/** CIBA-CORE-4. */
const cibaMetadata = {
  // FAPI-CIBA-5.2.2-4 [CIBA-14], FAPI-CIBA-5.2.2-5; never push, FAPI-CIBA-5.2.2-3 [CIBA-16].
  backchannel_token_delivery_modes_supported: ['poll', 'ping'],
  backchannel_authentication_request_signing_alg_values_supported: POLICIES['fapi-ciba'].algorithms,
  backchannel_user_code_parameter_supported: false,
} as const;

function backChannelEndpoints(base: string, asksElsewhere: boolean): Readonly<Record<string, string>> {
  return {
    pushed_authorization_request_endpoint: base + ENDPOINT_PATHS.pushedAuthorizationRequest,
    token_endpoint: base + ENDPOINT_PATHS.token,
    userinfo_endpoint: base + ENDPOINT_PATHS.userinfo,
    introspection_endpoint: base + ENDPOINT_PATHS.introspection,
    revocation_endpoint: base + ENDPOINT_PATHS.revocation,
    grant_management_endpoint: base + ENDPOINT_PATHS.grantManagement,
    ...(asksElsewhere ? { backchannel_authentication_endpoint: base + ENDPOINT_PATHS.backchannelAuthentication } : {}),
  };
}
