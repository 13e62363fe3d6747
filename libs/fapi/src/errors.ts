import type { CertificateReason } from '@holdfast/mtls';
import { CERTIFICATE_FINDINGS } from '@holdfast/mtls';
import { DPOP } from './profile.ts';

/**
 * One error type, two audiences. The wire gets a public code and a public sentence; the audit event gets the precise
 * reason and the evidence. Rules throw it, the shell renders it, nobody in between catches it.
 */

import type { AuthorizationResponse } from './authorization-response.ts';

/**
 * Error codes that may leave the building. RFC6749-4.1.2.1, RFC6749-5.2, RFC6750-3.1, RFC9126-2.3, RFC9101-7, RFC9396-5,
 * OIDC-CORE-3.1.2.6, CIBA-CORE-11, CIBA-CORE-13, RFC7009-2.2.1, RFC7591-3.2.2, RFC9449-12.2.
 */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'access_denied'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'invalid_request_uri'
  | 'invalid_request_object'
  | 'invalid_authorization_details'
  | 'invalid_client_metadata'
  | 'invalid_redirect_uri'
  | 'invalid_software_statement'
  | 'unapproved_software_statement'
  | 'unmet_authentication_requirements'
  | 'login_required'
  | 'consent_required'
  | 'interaction_required'
  | 'unknown_user_id'
  | 'invalid_binding_message'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'unsupported_token_type'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'not_found'
  | 'not_acceptable'
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'request_too_large'
  | 'too_many_requests';

/**
 * Where an error may be shown: as JSON to a back channel, by redirect to a verified client, as a local page to a person,
 * or as a resource server's 401/403 with `WWW-Authenticate`. Declared where the error is thrown, because only the rule
 * knows whether the redirect URI has been verified yet.
 */
export type Show = 'json' | 'redirect' | 'page' | 'resource';

/**
 * What is wrong with the certificate of a connection is told to whoever showed it, by the code of the catalogue of `libs/mtls`:
 * he holds the certificate, so it is no secret to him, and without the code he would look for the fault in the wrong place.
 * How a certificate differs from what is registered stays private, for that is the secret of somebody else.
 */
const CERTIFICATE_TEXT = Object.fromEntries(
  Object.entries(CERTIFICATE_FINDINGS).map(([code, { fault }]) => [code, `${code}: ${fault.en}`]),
) as Record<CertificateReason, string>;

/**
 * Every private reason with the public sentence that goes with it. Closed on purpose: a new rule needs a line here, and
 * the public sentence never says more than the person refused already knows.
 * RFC6749-5.2 [TOK-43]: `error_description` is plain ASCII without quotation mark and backslash.
 */
const PUBLIC_TEXT = {
  // the request as a form
  parameter_repeated: 'a parameter is repeated',
  parameter_missing: 'a required parameter is missing',
  parameter_malformed: 'a parameter is malformed',
  parameter_too_long: 'a parameter is too long',
  body_malformed: 'the request body could not be read',
  body_wrong_type: 'the request body has an unsupported content type',
  body_too_large: 'the request body is too large',
  client_cert_field_malformed: 'the certificate that a proxy passed on could not be read',
  route_unknown: 'there is nothing here',
  object_not_found: 'there is nothing here',
  method_not_allowed: 'this method is not allowed here',
  not_acceptable: 'no acceptable representation',
  too_many_requests: 'too many requests, try again later',
  unexpected: 'something went wrong on our side',
  // client authentication
  client_id_missing: 'client authentication failed',
  client_unknown: 'client authentication failed',
  client_disabled: 'client authentication failed',
  client_authentication_method_mismatch: 'client authentication failed',
  ...CERTIFICATE_TEXT,
  certificate_subject_mismatch: 'client authentication failed',
  certificate_issuer_mismatch: 'client authentication failed',
  certificate_unregistered: 'client authentication failed',
  client_assertion_missing: 'client authentication failed',
  client_assertion_type_unsupported: 'client authentication failed',
  client_assertion_malformed: 'client authentication failed',
  client_assertion_algorithm_not_allowed: 'client authentication failed',
  client_assertion_type_wrong: 'client authentication failed',
  client_assertion_key_unknown: 'client authentication failed',
  client_assertion_signature_invalid: 'client authentication failed',
  client_assertion_subject_mismatch: 'client authentication failed',
  client_assertion_audience_wrong: 'client authentication failed',
  client_assertion_expired: 'client authentication failed',
  client_assertion_lives_too_long: 'client authentication failed',
  client_assertion_not_yet_valid: 'client authentication failed',
  client_assertion_claims_missing: 'client authentication failed',
  client_assertion_replayed: 'client authentication failed',
  client_keys_unavailable: 'the keys of the client cannot be fetched at the moment',
  // the authorization request
  client_not_registered: 'the client is not known here',
  request_not_pushed: 'authorization requests must be pushed first',
  request_uri_not_accepted: 'request_uri is not accepted here',
  request_object_not_accepted: 'request objects are not accepted from this client',
  request_object_missing: 'this client must send a signed request object',
  request_object_malformed: 'the request object is not valid',
  request_object_algorithm_not_allowed: 'the request object is not valid',
  request_object_type_wrong: 'the request object is not valid',
  request_object_key_unknown: 'the request object is not valid',
  request_object_signature_invalid: 'the request object is not valid',
  request_object_client_mismatch: 'the request object is not valid',
  request_object_audience_wrong: 'the request object is not valid',
  request_object_expired: 'the request object is not valid',
  request_object_lives_too_long: 'the request object is not valid',
  request_object_not_yet_valid: 'the request object is not valid',
  request_object_claims_missing: 'the request object is not valid',
  request_object_nested: 'the request object is not valid',
  request_uri_malformed: 'the request_uri is not valid',
  request_uri_unknown: 'the request_uri is not valid',
  request_uri_expired: 'the request_uri is not valid',
  request_uri_used: 'the request_uri is not valid',
  request_uri_foreign: 'the request_uri is not valid',
  response_type_unsupported: 'the response type is not supported',
  response_mode_unsupported: 'the response mode is not supported',
  redirect_uri_missing: 'redirect_uri is required',
  redirect_uri_unregistered: 'redirect_uri is not registered for this client',
  scope_not_allowed: 'a requested scope is not allowed',
  scope_widened: 'the requested scope exceeds what was granted',
  openid_missing: 'this response type needs the scope openid',
  nothing_requested: 'neither scope nor authorization_details ask for anything',
  nonce_missing: 'nonce is required with this response type',
  claims_malformed: 'claims is malformed',
  authentication_context_unavailable: 'the requested authentication cannot be provided',
  dpop_jkt_mismatch: 'dpop_jkt and the DPoP proof name different keys',
  dpop_not_registered: 'this client does not use proofs of possession',
  code_challenge_missing: 'code_challenge is required',
  code_challenge_malformed: 'code_challenge is malformed',
  code_challenge_method_unsupported: 'code_challenge_method must be S256',
  authorization_details_malformed: 'authorization_details is malformed',
  authorization_details_type_unsupported: 'an authorization_details type is not supported',
  authorization_details_widened: 'authorization_details exceed what was granted',
  prompt_unsupported: 'prompt is not supported in this combination',
  grant_management_action_unsupported: 'grants are not created, merged or replaced by an authorization request here',
  form_not_ours: 'the form did not come from this page, please go back and try again',
  login_needed: 'the user is not logged in',
  consent_needed: 'the user has to give consent',
  consent_changed: 'what was approved is not what was shown',
  consent_selection_invalid: 'the selection of accounts is not valid',
  consent_denied: 'the user denied the request',
  consent_holder_unavailable: 'the bank cannot be reached at the moment',
  // the token endpoint
  grant_type_unsupported: 'the grant type is not supported',
  grant_type_not_allowed: 'the client may not use this grant type',
  sender_constraint_missing: 'a client certificate or a proof of possession is required',
  code_unknown: 'the authorization code is not valid',
  code_expired: 'the authorization code is not valid',
  code_used: 'the authorization code is not valid',
  code_foreign: 'the authorization code is not valid',
  code_key_mismatch: 'the authorization code is not valid',
  code_verifier_missing: 'the authorization code is not valid',
  code_verifier_malformed: 'the authorization code is not valid',
  code_verifier_mismatch: 'the authorization code is not valid',
  redirect_uri_mismatch: 'the authorization code is not valid',
  refresh_token_unknown: 'the refresh token is not valid',
  refresh_token_expired: 'the refresh token is not valid',
  refresh_token_replaced: 'the refresh token is not valid',
  refresh_token_foreign: 'the refresh token is not valid',
  // asking a person on another device
  request_object_replayed: 'the signed request was used before',
  parameter_beside_request: 'every parameter belongs into the signed request',
  hint_missing: 'exactly one hint must say who is asked',
  hint_ambiguous: 'exactly one hint must say who is asked',
  login_hint_token_unsupported: 'login_hint_token is not supported here',
  id_token_hint_invalid: 'id_token_hint is not valid',
  hinted_person_unknown: 'nobody is known by this hint',
  user_code_unsupported: 'user_code is not supported here',
  openid_scope_missing: 'the scope openid is required',
  binding_message_missing: 'binding_message is required',
  binding_message_too_long: 'binding_message cannot be shown, it is too long',
  binding_message_undisplayable:
    'binding_message cannot be shown, it has characters other than letters, digits, punctuation and spaces',
  notification_token_missing: 'client_notification_token is required',
  notification_token_malformed: 'client_notification_token is malformed',
  requested_expiry_malformed: 'requested_expiry is not a positive number of seconds',
  too_many_waiting: 'this person has not answered earlier requests of this client yet',
  auth_req_id_unknown: 'the auth_req_id is not valid',
  auth_req_id_foreign: 'the auth_req_id is not valid',
  auth_req_id_used: 'the auth_req_id is not valid',
  auth_req_id_expired: 'the auth_req_id has expired',
  person_undecided: 'the user has not decided yet',
  polled_too_soon: 'the interval between two requests was too short',
  approval_unknown: 'there is nothing here',
  approval_over: 'this request is over',
  approval_call_not_allowed: 'this client may not decide for anybody',
  client_metadata_malformed: 'the client metadata is not valid',
  client_metadata_not_allowed: 'the client metadata is not allowed by the profile',
  redirect_uri_not_allowed: 'a redirect_uri is not allowed',
  // registration of clients
  registration_body_malformed: 'the registration is not a JSON object',
  client_identifier_taken: 'the client metadata cannot be registered',
  software_statement_missing: 'a software statement is required',
  software_statement_malformed: 'the software statement is not valid',
  software_statement_algorithm_not_allowed: 'the software statement is not valid',
  software_statement_type_wrong: 'the software statement is not valid',
  software_statement_key_unknown: 'the software statement is not valid',
  software_statement_signature_invalid: 'the software statement is not valid',
  software_statement_claims_missing: 'the software statement is not valid',
  software_statement_audience_wrong: 'the software statement is not valid',
  software_statement_expired: 'the software statement is not valid',
  software_statement_not_yet_valid: 'the software statement is not valid',
  software_statement_lives_too_long: 'the software statement is not valid',
  software_statement_replayed: 'the software statement is not valid',
  software_statement_issuer_unknown: 'the software statement is not approved here',
  software_statement_holder_mismatch: 'the software statement is not approved here',
  software_statement_profile_unknown: 'the software statement is not approved here',
  software_statement_other_software: 'the software statement is not approved here',
  registration_token_missing: 'a registration access token is required',
  registration_token_wrong: 'the registration access token is not valid',
  grant_revoked: 'the grant is no longer valid',
  grant_expired: 'the grant is no longer valid',
  // tokens at a resource
  token_missing: 'an access token is required',
  token_scheme_unsupported: 'the authorization scheme is not supported',
  token_repeated: 'exactly one access token is expected',
  token_in_query: 'the access token belongs in the Authorization header',
  token_in_body: 'the access token belongs in the Authorization header',
  token_malformed: 'the access token is not valid',
  token_signature_invalid: 'the access token is not valid',
  token_algorithm_not_allowed: 'the access token is not valid',
  token_type_wrong: 'the access token is not valid',
  token_issuer_wrong: 'the access token is not valid',
  token_audience_wrong: 'the access token is not valid',
  token_expired: 'the access token is not valid',
  token_not_yet_valid: 'the access token is not valid',
  token_claims_missing: 'the access token is not valid',
  token_unconfirmed: 'the access token is not valid',
  token_revoked: 'the access token is not valid',
  token_status_unknown: 'the status of the access token cannot be verified at the moment',
  token_keys_unavailable: 'the access token cannot be verified at the moment',
  certificate_thumbprint_mismatch: 'the access token is not valid',
  token_scheme_mismatch: 'the access token is not valid',
  permission_missing: 'the access token does not permit this',
  consent_not_active: 'the consent is no longer active',
  // proofs of possession
  dpop_proof_missing: 'a DPoP proof is required',
  dpop_proof_repeated: 'exactly one DPoP proof is expected',
  dpop_proof_unexpected: 'a DPoP proof belongs to a token of the DPoP scheme',
  dpop_proof_malformed: 'the DPoP proof is not valid',
  dpop_type_wrong: 'the DPoP proof is not valid',
  dpop_algorithm_not_allowed: 'the DPoP proof is not valid',
  dpop_key_private: 'the DPoP proof is not valid',
  dpop_key_unfit: 'the DPoP proof is not valid',
  dpop_signature_invalid: 'the DPoP proof is not valid',
  dpop_method_mismatch: 'the DPoP proof is not valid',
  dpop_url_mismatch: 'the DPoP proof is not valid',
  dpop_iat_out_of_range: 'the DPoP proof is not valid',
  dpop_token_hash_mismatch: 'the DPoP proof is not valid',
  dpop_replayed: 'the DPoP proof is not valid',
  dpop_key_mismatch: 'the access token is not valid',
  dpop_nonce_missing: 'the DPoP proof has to carry the nonce given here',
  dpop_nonce_wrong: 'the DPoP proof has to carry the nonce given here',
} as const satisfies Record<string, string>;

export type Reason = keyof typeof PUBLIC_TEXT;

/**
 * HTTP status of each code; RFC6749-5.2 [TOK-08] [TOK-41] allows 401 for `invalid_client` alone among the token endpoint's
 * errors, RFC6750-3.1 [RS-20] says 401 and 403 at a resource.
 */
const STATUS: Readonly<Partial<Record<OAuthErrorCode, number>>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  access_denied: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  server_error: 500,
  temporarily_unavailable: 503,
};

// RFC9449-5, RFC9449-7.1: 400 where tokens are issued, 401 where one is presented.
const isAboutProof = (code: OAuthErrorCode): boolean => code === 'invalid_dpop_proof' || code === 'use_dpop_nonce';

export interface RefusalOptions {
  /** Where the error may be shown; `resource` for token errors, `json` otherwise. */
  readonly show?: Show;
  /** Private facts for the audit event: names and thumbprints, never a token, code, assertion or key. */
  readonly evidence?: Readonly<Record<string, string>>;
  /** How the error gets to the client through the browser; required when `show` is `redirect`. */
  readonly response?: AuthorizationResponse;
  /** The authentication scheme to name in `WWW-Authenticate` although this is no resource. */
  readonly challenge?: string;
  /** The status, where the endpoint has another one for this code than the table above. */
  readonly status?: number;
  /** The nonce that the next proof is to carry, sent as `DPoP-Nonce`. RFC9449-8. */
  readonly dpopNonce?: string;
}

/** A refusal with its public and its private half. Made with {@link refuse}. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  readonly reason: Reason;
  readonly show: Show;
  readonly status: number;
  /** Public sentence, plain ASCII. */
  readonly description: string;
  readonly evidence: Readonly<Record<string, string>>;
  readonly response?: AuthorizationResponse;
  readonly challenge?: string;
  /** Belongs into the answer as its one `DPoP-Nonce` header. RFC9449-8. */
  readonly dpopNonce?: string;

  constructor(code: OAuthErrorCode, reason: Reason, options: RefusalOptions = {}) {
    super(`${code}: ${reason}`);
    this.name = 'OAuthError';
    this.code = code;
    this.reason = reason;
    this.show = options.show ?? (code === 'invalid_token' || code === 'insufficient_scope' ? 'resource' : 'json');
    this.status = options.status ?? (this.show === 'resource' && isAboutProof(code) ? 401 : (STATUS[code] ?? 400));
    this.description = PUBLIC_TEXT[reason];
    this.evidence = options.evidence ?? {};
    if (options.response !== undefined) this.response = options.response;
    if (options.challenge !== undefined) this.challenge = options.challenge;
    if (options.dpopNonce !== undefined) this.dpopNonce = options.dpopNonce;
    if (this.show === 'redirect' && this.response === undefined)
      throw new TypeError('an error shown by redirect needs the response that carries it');
  }

  /**
   * The challenge that goes with the refusal, always at a resource server, elsewhere when the rule names one.
   * RFC6750-3.1 [RS-05]: a request without any token gets the bare schemes, so that nothing is told about tokens that
   * were not sent. RFC9449-7.1: what is wrong with a proof is told under DPoP alone; every other refusal holds under
   * either scheme.
   */
  get wwwAuthenticate(): string | undefined {
    if (this.show !== 'resource') return this.challenge;
    const told = `error="${this.code}", error_description="${this.description}"`;
    const algorithms = `algs="${DPOP.algorithms.join(' ')}"`;
    if (this.reason === 'token_missing') return `Bearer, DPoP ${algorithms}`;
    if (isAboutProof(this.code)) return `DPoP ${told}, ${algorithms}`;
    return `Bearer ${told}, DPoP ${told}, ${algorithms}`;
  }

  /** The JSON body of this error on the wire. RFC6749-5.2 [TOK-42]. */
  toJSON(): { error: OAuthErrorCode; error_description: string } {
    return { error: this.code, error_description: this.description };
  }
}

/** Makes a refusal: `throw refuse('invalid_grant', 'code_used')`. */
export function refuse(code: OAuthErrorCode, reason: Reason, options?: RefusalOptions): OAuthError {
  return new OAuthError(code, reason, options);
}
