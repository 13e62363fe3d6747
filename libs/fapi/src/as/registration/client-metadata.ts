import { checkSubjectSelector } from '@holdfast/mtls';
import type { IssuerPin, SubjectSelector } from '@holdfast/mtls';
import { refuse } from '../../errors.ts';
import type { ClientPolicy, Profile, ProfileName, ResponseType, SenderConstraint } from '../../profile.ts';
import { DEFAULT_SIGNING_ALGORITHM, POLICIES } from '../../profile.ts';
import type { DetailType } from '../../wire/authorization-details.ts';
import type { CibaDelivery, ClientAuthentication, ClientJwks, RegisteredClient } from '../clients.ts';
import { checkClientJwks } from './client-jwks.ts';
import type { ClientMetadata } from './metadata-members.ts';
import {
  choiceMember,
  choicesMember,
  flagMember,
  listMember,
  malformed,
  notAllowed,
  textMember,
} from './metadata-members.ts';

/** Every member this server reads. */
export const CLIENT_METADATA_MEMBERS: readonly string[] = [
  'client_name',
  'redirect_uris',
  'grant_types',
  'response_types',
  'scope',
  'authorization_details_types',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
  'jwks',
  'jwks_uri',
  'tls_client_certificate_bound_access_tokens',
  'dpop_bound_access_tokens',
  'request_object_signing_alg',
  'id_token_signed_response_alg',
  'authorization_signed_response_alg',
  'introspection_signed_response_alg',
  'backchannel_token_delivery_mode',
  'backchannel_client_notification_endpoint',
  'backchannel_authentication_request_signing_alg',
  'backchannel_user_code_parameter',
];

/** What a registration is judged by. */
export interface RegistrationTerms {
  readonly clientId: string;
  /** The profile this client is held to. */
  readonly profileName: ProfileName;
  readonly profile: Profile;
  /** The authority that vouches for this client's certificates; needed for `tls_client_auth`. RFC8705-7.4. */
  readonly authority: IssuerPin | undefined;
  /** Every type this server knows. */
  readonly detailTypes: readonly DetailType[];
}

/**
 * Turns client metadata into a registration. The names are those of RFC7591-2, RFC8705-2.1.2, RFC9449-5.2, RFC9396-10,
 * JARM-3 and CIBA-CORE-4, for clients of the configuration and for those that register themselves alike: one reader, so
 * that neither can have what the other is refused.
 *
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`
 */
export function clientFromMetadata(metadata: ClientMetadata, terms: RegistrationTerms): RegisteredClient {
  const policy = POLICIES[terms.profileName];
  const algorithm = (member: string) => choiceMember(metadata, member, policy.algorithms) ?? DEFAULT_SIGNING_ALGORITHM;
  const jwks = jwksOf(metadata);
  const grantTypes = choicesMember(metadata, 'grant_types', policy.grantTypes) ?? [];
  if (grantTypes.length === 0) throw malformed('grant_types');
  const usesCodes = grantTypes.includes('authorization_code');
  const client: RegisteredClient = {
    id: terms.clientId,
    name: textMember(metadata, 'client_name', 80) ?? fail('client_name'),
    profile: terms.profileName,
    disabled: false,
    authentication: authenticationOf(metadata, terms, policy, jwks),
    jwks,
    senderConstraints: senderConstraintsOf(metadata, policy),
    redirectUris: redirectUrisOf(metadata, usesCodes),
    responseTypes: usesCodes ? responseTypesOf(metadata, policy) : [],
    scopes: scopesOf(metadata, terms.profile),
    detailTypes: detailTypesOf(metadata, terms.detailTypes),
    grantTypes,
    // CIBA-CORE-4 has a name of its own for the same thing; a client of this profile signs nothing else.
    requestObjectAlgorithm: algorithm(
      'backchannel_authentication_request_signing_alg' in metadata
        ? 'backchannel_authentication_request_signing_alg'
        : 'request_object_signing_alg',
    ),
    idTokenAlgorithm: algorithm('id_token_signed_response_alg'),
    authorizationResponseAlgorithm: algorithm('authorization_signed_response_alg'),
    introspectionAlgorithm: algorithm('introspection_signed_response_alg'),
    ...cibaOf(metadata, grantTypes.includes('urn:openid:params:grant-type:ciba')),
  };
  if (policy.requestObject === 'required' && jwks.kind === 'none')
    throw notAllowed('jwks', 'signed requests need keys');
  return client;
}

// RFC7591-2: `jwks` and `jwks_uri` exclude each other.
function jwksOf(metadata: ClientMetadata): ClientJwks {
  const uri = textMember(metadata, 'jwks_uri');
  const inline = metadata['jwks'];
  if (uri !== undefined && inline !== undefined) throw malformed('jwks_uri', 'beside jwks');
  if (uri !== undefined) {
    if (!isHttps(uri)) throw malformed('jwks_uri', 'not https');
    return { kind: 'remote', uri };
  }
  return inline === undefined ? { kind: 'none' } : { kind: 'inline', keys: checkClientJwks(inline) };
}

function authenticationOf(
  metadata: ClientMetadata,
  { profile, authority }: RegistrationTerms,
  policy: ClientPolicy,
  jwks: ClientJwks,
): ClientAuthentication {
  const method = choiceMember(metadata, 'token_endpoint_auth_method', profile.clientAuthenticationMethods);
  switch (method) {
    case undefined:
      // RFC7591-2: its absence would mean a shared secret.
      throw malformed('token_endpoint_auth_method');
    case 'tls_client_auth':
      if (authority === undefined)
        throw notAllowed('token_endpoint_auth_method', 'no authority vouches for this client');
      return { method, subject: subjectOf(metadata), authority };
    case 'self_signed_tls_client_auth':
      // RFC8705-2.2.2: the certificates stand in the keys.
      if (jwks.kind === 'none' || (jwks.kind === 'inline' && !jwks.keys.some(({ x5c }) => x5c !== undefined)))
        throw malformed('jwks', 'no certificate in it');
      return { method };
    case 'private_key_jwt': {
      if (jwks.kind === 'none') throw malformed('jwks', 'private_key_jwt needs keys');
      const algorithm = choiceMember(metadata, 'token_endpoint_auth_signing_alg', policy.algorithms);
      return { method, algorithm: algorithm ?? DEFAULT_SIGNING_ALGORITHM };
    }
  }
}

const SELECTORS: readonly SubjectSelector['kind'][] = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'];

/** The name a client's certificate is recognised by. RFC8705-2.1.2: exactly one. @throws OAuthError `invalid_client_metadata` */
export function subjectOf(metadata: ClientMetadata): SubjectSelector {
  const found = SELECTORS.flatMap((kind) => {
    const value = textMember(metadata, `tls_client_auth_${kind}`, 1000);
    return value === undefined ? [] : [{ kind, value }];
  });
  const [selector, ...more] = found;
  if (selector === undefined || more.length > 0) throw malformed('tls_client_auth_*', 'exactly one is expected');
  try {
    return checkSubjectSelector(selector);
  } catch (error) {
    throw malformed(`tls_client_auth_${selector.kind}`, error instanceof Error ? error.message : 'unfit');
  }
}

// RFC8705-3.4, RFC9449-5.2; FAPI2-SP-FINAL-5.3.2.1-4: one at least.
function senderConstraintsOf(metadata: ClientMetadata, policy: ClientPolicy): readonly SenderConstraint[] {
  const wanted: SenderConstraint[] = [
    ...(flagMember(metadata, 'tls_client_certificate_bound_access_tokens') ? (['mtls'] as const) : []),
    ...(flagMember(metadata, 'dpop_bound_access_tokens') ? (['dpop'] as const) : []),
  ];
  if (wanted.length === 0)
    throw notAllowed('tls_client_certificate_bound_access_tokens', 'tokens would be bound to nothing');
  if (!wanted.every((constraint) => policy.senderConstraints.includes(constraint)))
    throw notAllowed('dpop_bound_access_tokens');
  return wanted;
}

function redirectUrisOf(metadata: ClientMetadata, needed: boolean): readonly string[] {
  const uris = listMember(metadata, 'redirect_uris') ?? [];
  if (needed && uris.length === 0) throw refuse('invalid_redirect_uri', 'redirect_uri_missing');
  const unfit = uris.find((uri) => !isRedirectUri(uri));
  if (unfit !== undefined)
    throw refuse('invalid_redirect_uri', 'redirect_uri_not_allowed', { evidence: { uri: unfit.slice(0, 200) } });
  return uris;
}

// FAPI2-SP-FINAL-5.3.2.2-8, RFC6749-3.1.2: https, complete, without a fragment; and without a user name, which is there
// to mislead.
function isRedirectUri(uri: string): boolean {
  return isHttps(uri) && !uri.includes('#') && !uri.includes('*');
}

/** ASCII without a backslash, with a host. RFC3986-3.2. */
const WRITTEN_OUT = /^https:\/\/[a-z0-9[][\x21-\x5b\x5d-\x7e]*$/i;

// RFC6749-3.1.2, RFC3986-4.3: absolute. `https:first.test` and `https:\\first.test` are other addresses to a browser that
// comes from here than to whoever reads them alone.
function isHttps(uri: string): boolean {
  if (!WRITTEN_OUT.test(uri) || !URL.canParse(uri)) return false;
  const { username, password } = new URL(uri);
  return username === '' && password === '';
}

function responseTypesOf(metadata: ClientMetadata, policy: ClientPolicy): readonly ResponseType[] {
  const allowed = Object.keys(policy.responses) as ResponseType[];
  // RFC7591-2: `code` when nothing is said.
  return choicesMember(metadata, 'response_types', allowed) ?? ['code'];
}

function scopesOf(metadata: ClientMetadata, profile: Profile): readonly string[] {
  const scopes = textMember(metadata, 'scope', 1000)?.split(' ') ?? [];
  const known = [...profile.scopes, ...profile.clientScopes];
  if (!scopes.every((scope) => known.includes(scope))) throw notAllowed('scope');
  return [...new Set(scopes)];
}

function detailTypesOf(metadata: ClientMetadata, known: readonly DetailType[]): readonly DetailType[] {
  const wanted =
    choicesMember(
      metadata,
      'authorization_details_types',
      known.map(({ type }) => type),
    ) ?? [];
  return known.filter(({ type }) => wanted.includes(type));
}

// CIBA-CORE-4, FAPI-CIBA-5.2.2-3 [CIBA-16], FAPI-CIBA-5.2.2-4, FAPI-CIBA-5.2.2-5: poll and ping; push would put tokens into a request to somebody.
function cibaOf(metadata: ClientMetadata, used: boolean): { ciba?: CibaDelivery } {
  const mode = choiceMember(metadata, 'backchannel_token_delivery_mode', ['poll', 'ping'] as const);
  if (!used) {
    if (mode !== undefined) throw notAllowed('backchannel_token_delivery_mode', 'without the grant type');
    return {};
  }
  if (mode === undefined) throw malformed('backchannel_token_delivery_mode');
  if (flagMember(metadata, 'backchannel_user_code_parameter')) throw notAllowed('backchannel_user_code_parameter');
  if (mode === 'poll') return { ciba: { mode } };
  const notificationEndpoint = textMember(metadata, 'backchannel_client_notification_endpoint');
  if (notificationEndpoint === undefined || !isHttps(notificationEndpoint))
    throw malformed('backchannel_client_notification_endpoint');
  return { ciba: { mode, notificationEndpoint } };
}

function fail(member: string): never {
  throw malformed(member);
}
