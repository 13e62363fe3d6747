/**
 * Why this client goes no further: the clause that says so and the sentence a person reads. One entry per thing that is
 * judged.
 */
export const RULES = {
  // Metadata
  issuer_mismatch: ['RFC8414-3.3', 'the metadata is that of another issuer'],
  discovery_redirected: ['RFC8414-3.2', 'discovery was answered with a redirect'],
  metadata_malformed: ['RFC8414-3.2', 'the metadata is not what metadata looks like'],
  endpoint_not_https: ['RFC8414-2', 'an address in the metadata is not https'],
  endpoint_missing: ['RFC8414-2', 'the metadata does not name an endpoint this flow needs'],
  // Connections
  server_certificate_refused: ['RFC9525-6', 'the server could not prove its name'],
  back_channel_redirected: ['our choice', 'a direct call was answered with a redirect'],
  // The browser's way
  page_not_https: ['RFC6749-3.1', 'the browser was sent to a page without TLS'],
  form_resent: ['RFC9700-4.12', 'a form was answered with 307 or 308, which sends its content on'],
  redirect_loop: ['our choice', 'the browser was sent around without end'],
  // Authorization answer
  answer_iss_missing: ['RFC9207-2.4', 'the answer does not say which server it is from'],
  answer_iss_wrong: ['RFC9207-2.4', 'the answer is from another server'],
  answer_state_missing: ['RFC6749-4.1.2', 'the answer has no state'],
  answer_state_wrong: ['RFC6749-10.12', 'the answer belongs to another request'],
  answer_repeated: ['RFC6749-3.1', 'a parameter of the answer came more than once'],
  answer_code_missing: ['RFC6749-4.1.2', 'the answer holds neither code nor error'],
  answer_misplaced: ['OAUTH-MULTIPLE-RESPONSE-TYPES-2.1', 'the answer came another way than asked for'],
  answer_not_signed: ['FAPI2-MS-FINAL-5.4.2', 'a signed answer was asked for and a plain one came'],
  answer_not_asked_for: ['RFC6749-4.1.2', 'the answer holds what was not asked for'],
  answer_malformed: ['RFC6749-4.1.2', 'the answer is not what an answer looks like'],
  // JARM
  jarm_iss_missing: ['JARM-2.4', 'the signed answer does not say who signed it'],
  jarm_iss_wrong: ['JARM-2.4', 'the signed answer is from another server'],
  jarm_aud_missing: ['JARM-2.4', 'the signed answer does not say whom it is for'],
  jarm_aud_wrong: ['JARM-2.4', 'the signed answer is for another client'],
  jarm_exp_missing: ['JARM-2.4', 'the signed answer never expires'],
  jarm_expired: ['JARM-2.4', 'the signed answer has expired'],
  jarm_state_missing: ['JARM-2.4', 'the signed answer has no state'],
  jarm_state_wrong: ['JARM-2.4', 'the signed answer belongs to another request'],
  jarm_signature_wrong: ['JARM-2.4', 'the signature of the answer does not verify'],
  jarm_alg_wrong: ['JARM-3', 'the answer is signed with another algorithm than registered'],
  jarm_malformed: ['JARM-2.4', 'the signed answer cannot be read'],
  // ID token
  id_token_absent: ['OIDC-CORE-3.1.3.3', 'there is no ID token'],
  id_token_iss_missing: ['OIDC-CORE-2', 'the ID token does not say who issued it'],
  id_token_iss_wrong: ['OIDC-CORE-3.1.3.7-2', 'the ID token is from another issuer'],
  id_token_aud_missing: ['OIDC-CORE-2', 'the ID token does not say whom it is for'],
  id_token_aud_wrong: ['OIDC-CORE-3.1.3.7-3', 'the ID token is for another client'],
  id_token_aud_untrusted: ['OIDC-CORE-3.1.3.7-3', 'the ID token is for somebody else besides'],
  id_token_azp_wrong: ['OIDC-CORE-3.1.3.7-5', 'the ID token was issued to another client'],
  id_token_exp_missing: ['OIDC-CORE-2', 'the ID token never expires'],
  id_token_expired: ['OIDC-CORE-3.1.3.7-9', 'the ID token has expired'],
  id_token_iat_missing: ['OIDC-CORE-2', 'the ID token does not say when it was issued'],
  id_token_iat_wrong: ['OIDC-CORE-3.1.3.7-10', 'the ID token is not of this moment'],
  id_token_sub_missing: ['OIDC-CORE-2', 'the ID token does not say whom it is about'],
  id_token_sub_wrong: ['OIDC-CORE-12.2', 'the ID token is about somebody else than the one before'],
  id_token_nonce_missing: ['OIDC-CORE-3.1.3.7-11', 'the ID token has no nonce'],
  id_token_nonce_wrong: ['OIDC-CORE-3.1.3.7-11', 'the ID token belongs to another request'],
  id_token_signature_wrong: ['OIDC-CORE-3.1.3.7-6', 'the signature of the ID token does not verify'],
  id_token_alg_wrong: ['OIDC-CORE-3.1.3.7-7', 'the ID token is signed with another algorithm than registered'],
  id_token_at_hash_wrong: ['OIDC-CORE-3.1.3.8', 'the ID token belongs to another access token'],
  id_token_c_hash_missing: ['OIDC-CORE-3.3.2.11', 'the ID token does not vouch for the code'],
  id_token_c_hash_wrong: ['OIDC-CORE-3.3.2.10', 'the ID token vouches for another code'],
  id_token_s_hash_missing: ['FAPI1-ADV-5.2.2.1-5', 'the ID token does not vouch for the state'],
  id_token_s_hash_wrong: ['FAPI1-ADV-5.2.3.1', 'the ID token vouches for another state'],
  id_token_malformed: ['OIDC-CORE-2', 'the ID token cannot be read'],
  // Token answer
  token_type_wrong: ['RFC6749-7.1', 'the access token is of another type than was asked for'],
  token_for_another_bank: ['RFC9396-7', 'the access token is for another resource than this client shows it to'],
  token_response_malformed: ['RFC6749-5.1', 'the token endpoint answered something else than tokens'],
  // Other answers
  pushed_request_malformed: ['RFC9126-2.2', 'the pushed request was answered with something else'],
  userinfo_sub_wrong: ['OIDC-CORE-5.3.2', 'userinfo is about somebody else'],
  userinfo_malformed: ['OIDC-CORE-5.3.2', 'userinfo cannot be read'],
  resource_failed: ['RFC6750-3.1', 'the resource was not served'],
  interaction_id_wrong: ['FAPI1-BASE-6.2.1-11', 'the resource answered another interaction'],
  introspection_malformed: ['RFC7662-2.2', 'introspection answered something else'],
  introspection_inactive: ['RFC7662-2.2', 'a fresh token is said to be dead'],
  introspection_client_wrong: ['RFC7662-2.2', "the token is said to be another client's"],
  introspection_cnf_wrong: ['RFC8705-3.2', 'the token is said to be bound to another key'],
  revocation_malformed: ['RFC7009-2.2', 'the revocation was not confirmed'],
  revoked_token_alive: ['RFC7009-2.1', 'a revoked refresh token still brings tokens'],
  // CIBA
  backchannel_malformed: ['CIBA-CORE-7.3', 'the backchannel request was answered with something else'],
  notification_missing: ['CIBA-CORE-10.2', 'no notification came that bears our token and names our request'],
  request_expired: ['CIBA-CORE-11', 'nobody decided about the request before it expired'],
} as const satisfies Record<string, readonly [clause: string, sentence: string]>;

export type Reason = keyof typeof RULES;

/** This client will not go on. `detail` holds what was seen, never a token, code or key. */
export class Refused extends Error {
  readonly reason: Reason;
  readonly clause: string;
  readonly detail: string | undefined;

  constructor(reason: Reason, options: { readonly detail?: string | undefined; readonly cause?: unknown } = {}) {
    const [clause, sentence] = RULES[reason];
    const { detail, cause } = options;
    super(detail === undefined ? sentence : `${sentence}: ${detail}`, { cause });
    this.name = 'Refused';
    this.reason = reason;
    this.clause = clause;
    this.detail = detail;
  }
}

/** The server, or the person at its page, said no. */
export class RefusedByServer extends Error {
  /** The error code of the answer, or what stands for one: `http_503`, `tls_alert`, `page`. */
  readonly code: string;

  constructor(code: string, description: string | undefined, options?: ErrorOptions) {
    super(description === undefined || description === '' ? code : `${code}: ${description}`, options);
    this.name = 'RefusedByServer';
    this.code = code;
  }
}

/** A text of the other side for one line of a terminal: no control characters, and not without end. */
export function oneLine(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return plain.length > 200 ? `${plain.slice(0, 199)}…` : plain;
}
