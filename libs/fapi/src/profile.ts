/**
 * Every number and every algorithm of the protocol, each with where it comes from. Discovery is computed from this file,
 * so what is advertised is what is enforced.
 */

/** FAPI2-SP-FINAL-5.4.1-1: PS256, ES256 or EdDSA. ES256 alone is what this server issues. Never RS256, never `none`. */
export const SIGNING_ALGORITHMS = ['ES256'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** FAPI2-SP-FINAL-5.3.2.1-14: clocks up to 10 s ahead must be accepted. */
export const MAX_CLOCK_SKEW_SECONDS = 10;

export interface Profile {
  readonly name: 'fapi2-security';
  /** Seconds a pushed request may be taken up at the authorization endpoint. */
  readonly requestUriLifetime: number;
  /** Seconds a person has for login and consent once the request was taken up. */
  readonly interactionLifetime: number;
  readonly codeLifetime: number;
  readonly accessTokenLifetime: number;
  readonly idTokenLifetime: number;
  /** Seconds a grant, its refresh token and the bank's consent live. */
  readonly grantLifetime: number;
  /** Bits of randomness in every value that must not be guessed. */
  readonly secretBits: number;
  readonly stateMaxLength: number;
  readonly nonceMaxLength: number;
  readonly responseTypes: readonly ['code'];
  readonly responseModes: readonly ['query'];
  readonly codeChallengeMethods: readonly ['S256'];
  readonly grantTypes: readonly ('authorization_code' | 'refresh_token')[];
  readonly clientAuthenticationMethods: readonly ['tls_client_auth'];
  readonly scopes: readonly string[];
}

/** The FAPI 2.0 Security Profile with mutual TLS. */
export const FAPI2_SECURITY: Profile = {
  name: 'fapi2-security',
  // FAPI2-SP-FINAL-5.3.2.2-12: less than 600 s. Our choice within it: a redirect takes a moment, not minutes.
  requestUriLifetime: 90,
  // Our choice, no clause: a person needs time to find a password and to read what they agree to.
  interactionLifetime: 600,
  // FAPI2-SP-FINAL-5.3.2.1-11: at most 60 s.
  codeLifetime: 60,
  // Our choice, no clause: short enough that losing one hardly matters, long enough not to refresh at every click.
  accessTokenLifetime: 300,
  // Our choice, no clause: read once, right after it was issued.
  idTokenLifetime: 300,
  // Our choice, no clause: ninety days, as account information consents commonly live.
  grantLifetime: 90 * 24 * 3600,
  // RFC6749-10.10: at most 2^-128 to guess; twice that costs nothing.
  secretBits: 256,
  // Our choice; at least 128 must be accepted.
  stateMaxLength: 512,
  // Our choice; at least 64 must be accepted.
  nonceMaxLength: 256,
  // FAPI2-SP-FINAL-5.3.2.2-1: response_type code only.
  responseTypes: ['code'],
  responseModes: ['query'],
  // FAPI2-SP-FINAL-5.3.2.2-5: PKCE with S256.
  codeChallengeMethods: ['S256'],
  grantTypes: ['authorization_code', 'refresh_token'],
  // FAPI2-SP-FINAL-5.3.2.1-6: mutual TLS or private_key_jwt; this server authenticates by certificate.
  clientAuthenticationMethods: ['tls_client_auth'],
  scopes: ['openid', 'profile'],
};
