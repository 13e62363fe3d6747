/**
 * One error type, two audiences. The wire gets a public code and a public sentence; the audit event gets the precise
 * reason and the evidence. Rules throw it, the shell renders it, nobody in between catches it.
 */

/** Error codes that may leave the building. RFC6749-4.1.2.1, RFC6749-5.2, RFC6750-3.1, RFC9126-2.3, RFC9101-7, RFC9396-5, OIDC-CORE-3.1.2.6, RFC7009-2.2.1. */
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
  | 'login_required'
  | 'consent_required'
  | 'interaction_required'
  | 'unsupported_token_type'
  | 'invalid_token'
  | 'insufficient_scope'
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
 * Every private reason with the public sentence that goes with it. Closed on purpose: a new rule needs a line here, and
 * the public sentence never says more than the person refused already knows.
 * RFC6749-5.2: `error_description` is plain ASCII without quotation mark and backslash.
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
  certificate_missing: 'no acceptable client certificate was presented',
  certificate_unreadable: 'no acceptable client certificate was presented',
  certificate_untrusted: 'no acceptable client certificate was presented',
  certificate_expired: 'no acceptable client certificate was presented',
  certificate_not_yet_valid: 'no acceptable client certificate was presented',
  certificate_wrong_purpose: 'no acceptable client certificate was presented',
  certificate_is_ca: 'no acceptable client certificate was presented',
  certificate_weak_key: 'no acceptable client certificate was presented',
  certificate_subject_mismatch: 'client authentication failed',
  certificate_issuer_mismatch: 'client authentication failed',
  // the authorization request
  client_not_registered: 'the client is not known here',
  request_not_pushed: 'authorization requests must be pushed first',
  request_uri_not_accepted: 'request_uri is not accepted here',
  request_object_not_accepted: 'request objects are not accepted from this client',
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
  nothing_requested: 'neither scope nor authorization_details ask for anything',
  code_challenge_missing: 'code_challenge is required',
  code_challenge_malformed: 'code_challenge is malformed',
  code_challenge_method_unsupported: 'code_challenge_method must be S256',
  authorization_details_malformed: 'authorization_details is malformed',
  authorization_details_type_unsupported: 'an authorization_details type is not supported',
  authorization_details_widened: 'authorization_details exceed what was granted',
  prompt_unsupported: 'prompt is not supported in this combination',
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
  sender_constraint_missing: 'a client certificate is required',
  code_unknown: 'the authorization code is not valid',
  code_expired: 'the authorization code is not valid',
  code_used: 'the authorization code is not valid',
  code_foreign: 'the authorization code is not valid',
  code_verifier_missing: 'the authorization code is not valid',
  code_verifier_malformed: 'the authorization code is not valid',
  code_verifier_mismatch: 'the authorization code is not valid',
  redirect_uri_mismatch: 'the authorization code is not valid',
  refresh_token_unknown: 'the refresh token is not valid',
  refresh_token_expired: 'the refresh token is not valid',
  refresh_token_replaced: 'the refresh token is not valid',
  refresh_token_foreign: 'the refresh token is not valid',
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
  permission_missing: 'the access token does not permit this',
  consent_not_active: 'the consent is no longer active',
} as const satisfies Record<string, string>;

export type Reason = keyof typeof PUBLIC_TEXT;

/** HTTP status of each code; RFC6749-5.2 allows 401 for `invalid_client` alone among the token endpoint's errors. */
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

export interface RefusalOptions {
  /** Where the error may be shown; `resource` for token errors, `json` otherwise. */
  readonly show?: Show;
  /** Private facts for the audit event: names and thumbprints, never a token, code, assertion or key. */
  readonly evidence?: Readonly<Record<string, string>>;
  /** The complete URL to send the browser to; required when `show` is `redirect`. */
  readonly redirectTo?: string;
  /** The authentication scheme to name in `WWW-Authenticate` although this is no resource. */
  readonly challenge?: string;
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
  readonly redirectTo?: string;
  readonly challenge?: string;

  constructor(code: OAuthErrorCode, reason: Reason, options: RefusalOptions = {}) {
    super(`${code}: ${reason}`);
    this.name = 'OAuthError';
    this.code = code;
    this.reason = reason;
    this.show = options.show ?? (code === 'invalid_token' || code === 'insufficient_scope' ? 'resource' : 'json');
    this.status = STATUS[code] ?? 400;
    this.description = PUBLIC_TEXT[reason];
    this.evidence = options.evidence ?? {};
    if (options.redirectTo !== undefined) this.redirectTo = options.redirectTo;
    if (options.challenge !== undefined) this.challenge = options.challenge;
    if (this.show === 'redirect' && this.redirectTo === undefined)
      throw new TypeError('an error shown by redirect needs redirectTo');
  }

  /**
   * The challenge that goes with the refusal, always at a resource server, elsewhere when the rule names one.
   * RFC6750-3.1: a request without any token gets the bare scheme, so that nothing is told about tokens that were not sent.
   */
  get wwwAuthenticate(): string | undefined {
    if (this.show !== 'resource') return this.challenge;
    if (this.reason === 'token_missing') return 'Bearer';
    return `Bearer error="${this.code}", error_description="${this.description}"`;
  }

  /** The JSON body of this error on the wire. RFC6749-5.2. */
  toJSON(): { error: OAuthErrorCode; error_description: string } {
    return { error: this.code, error_description: this.description };
  }
}

/** Makes a refusal: `throw refuse('invalid_grant', 'code_used')`. */
export function refuse(code: OAuthErrorCode, reason: Reason, options?: RefusalOptions): OAuthError {
  return new OAuthError(code, reason, options);
}
