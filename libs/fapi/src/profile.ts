/**
 * Every number, every algorithm and every difference between profiles, each with where it comes from. Discovery is computed
 * from this file, so what is advertised is what is enforced.
 */

/**
 * FAPI2-SP-FINAL-5.4.1-1 [META-11] [RS-07], FAPI1-ADV-8.6: PS256, ES256, and with FAPI 2.0 EdDSA. Never RS256, never
 * `none`.
 */
export const SIGNING_ALGORITHMS = ['ES256', 'PS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** Our choice within FAPI2-SP-FINAL-5.4.1-1: access tokens are for our own resource servers, and one algorithm is enough. */
export const ACCESS_TOKEN_ALGORITHM = 'ES256' satisfies SigningAlgorithm;

/** Our choice, no clause: what a client gets that registered no algorithm for what is signed to it. */
export const DEFAULT_SIGNING_ALGORITHM = 'ES256' satisfies SigningAlgorithm;

/** Seconds a verifier may keep the published keys. Our choice, no clause: widespread libraries ask no more often either. */
export const JWKS_MAX_AGE = 60;

/** Seconds in the life of a signing key: published, then signing, then retired but still published, then removed. */
export const KEY_LIFE = {
  // Our choice, no clause: `JWKS_MAX_AGE`, clocks apart by MAX_CLOCK_SKEW_SECONDS, and 5 s until every replica has noticed.
  // A key that signed earlier would meet verifiers who have not seen it yet.
  publishedBefore: 75,
  // Our choice, no clause: nothing signed lives longer. Signing more is refused, so a retired key is safely removed then.
  longestSignature: 600,
} as const;

/** FAPI2-SP-FINAL-5.3.2.1-13: clocks up to 10 s ahead must be accepted, more than 60 s refused. We stay at the lower end. */
export const MAX_CLOCK_SKEW_SECONDS = 10;

/** FAPI2-SP-FINAL-5.4.1-2: bits of the shortest RSA key. */
export const MIN_RSA_BITS = 2048;

/** What a DPoP proof may be. RFC9449. */
export const DPOP = {
  /** FAPI2-SP-FINAL-5.4.1-1: all three that the profile allows, since the key is the client's to choose. */
  algorithms: ['ES256', 'PS256', 'EdDSA'],
  minRsaBits: MIN_RSA_BITS,
  /** Our choice; RFC9449-11.1: seconds or minutes. Time for a slow network and for a clock that is behind, and no more. */
  maxAgeSeconds: 60,
  /** Our choice, no clause: a nonce is good for one to two of these, so a client has to fetch one seldom. */
  nonceStepSeconds: 60,
} as const;

/** What asking a person on another device is bounded by. */
export const CIBA = {
  // Our choice, no clause: a person finds the device, logs in and reads.
  requestLifetime: 300,
  // CIBA-CORE-7.1 lets a client ask for more or less. Our choice, no clause: nobody decides about what was asked an hour ago.
  requestMaxLifetime: 900,
  // CIBA-CORE-7.3: five seconds is what a client assumes that is told nothing.
  pollInterval: 5,
  // CIBA-CORE-11: each `slow_down` makes it five seconds more.
  slowDownBy: 5,
  // Our choice, no clause: without an end fifty requests at once would shut a client out for minutes.
  pollIntervalMax: 60,
  // Our choice, no clause: a client that waits its five seconds may be a little ahead of them here, as networks go.
  pollTolerance: 1,
  // CIBA-CORE-7.1: relatively short. Our choice: what a person compares at a glance.
  bindingMessageMaxLength: 80,
  // CIBA-CORE-7.1: 128 random bits at least. Of the 70 characters of the bearer syntax it takes 21 to carry them.
  notificationTokenMinLength: 21,
  // CIBA-CORE-7.1: at most 1024.
  notificationTokenMaxLength: 1024,
  // FAPI-CIBA-7.2: nobody is to be pestered. Our choice: so many unanswered requests of one client to one person.
  waitingMax: 20,
  /** How a ping is delivered. Our choice, no clause; CIBA-CORE-10.2 leaves to the server what it makes of errors. */
  ping: {
    batch: 20,
    /** Seconds before a ping that was taken and never accounted for, because its process died, is taken again. */
    lease: 30,
    /** Seconds before each further attempt; after the last the client is left to ask by itself. */
    retries: [5, 15, 45, 135],
  },
} as const;

export const PROFILE_NAMES = ['fapi2-security', 'fapi2-message-signing', 'fapi1-advanced', 'fapi-ciba'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];
export type ResponseType = 'code' | 'code id_token';
/** `jwt` is the default signed mode of its response type and never stored: it is resolved when the request is checked. */
export type ResponseMode = 'query' | 'fragment' | 'query.jwt' | 'fragment.jwt' | 'form_post.jwt';
export type GrantType =
  'authorization_code' | 'refresh_token' | 'client_credentials' | 'urn:openid:params:grant-type:ciba';
export type ClientAuthenticationMethod = 'tls_client_auth' | 'self_signed_tls_client_auth' | 'private_key_jwt';
export type SenderConstraint = 'mtls' | 'dpop';

/**
 * What a client is held to [POL-01]. The profiles contradict each other, so the policy travels with the client and never
 * with the endpoint: one table, a row per difference.
 */
export interface ClientPolicy {
  readonly grantTypes: readonly GrantType[];
  /** What `aud` of a client assertion may be: the issuer as one string, or one of the endpoints' URLs too. */
  readonly assertionAudience: 'issuer' | 'issuer or endpoint';
  /** Whether a pushed request comes as a signed object. */
  readonly requestObject: 'refused' | 'required';
  /** Response types, each with the modes it may be answered in; the first mode is the default. */
  readonly responses: Readonly<Partial<Record<ResponseType, readonly ResponseMode[]>>>;
  readonly senderConstraints: readonly SenderConstraint[];
  readonly algorithms: readonly SigningAlgorithm[];
}

export const POLICIES: Readonly<Record<ProfileName, ClientPolicy>> = {
  'fapi2-security': {
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    // FAPI2-SP-FINAL-5.3.2.1-8 [POL-02] [POL-03]
    assertionAudience: 'issuer',
    // FAPI2-SP-FINAL-5.3.2.2 asks for none; an object nobody asked for would be a second place to read parameters from.
    requestObject: 'refused',
    // FAPI2-SP-FINAL-5.3.2.2-1 [POL-07]
    responses: { code: ['query'] },
    // FAPI2-SP-FINAL-5.3.2.1-5
    senderConstraints: ['mtls', 'dpop'],
    // FAPI2-SP-FINAL-5.4.1-1
    algorithms: ['ES256', 'PS256', 'EdDSA'],
  },
  'fapi2-message-signing': {
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    // FAPI2-SP-FINAL-5.3.2.1-8, which FAPI2-MS-FINAL-5 builds on.
    assertionAudience: 'issuer',
    // FAPI2-MS-FINAL-5.3.1-1 [POL-12] [PAR-11]
    requestObject: 'required',
    // FAPI2-MS-FINAL-5.4.1-1: the server offers signed answers, the client asks for them by `response_mode`.
    responses: { code: ['query', 'query.jwt', 'form_post.jwt'] },
    senderConstraints: ['mtls', 'dpop'],
    algorithms: ['ES256', 'PS256', 'EdDSA'],
  },
  'fapi1-advanced': {
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    // OIDC-CORE-9: the token endpoint's URL; RFC9126-2 [POL-04]: the issuer, the token endpoint or the PAR endpoint.
    assertionAudience: 'issuer or endpoint',
    // FAPI1-ADV-5.2.2-1 [POL-13]
    requestObject: 'required',
    // FAPI1-ADV-5.2.2-2 [POL-08]: `code id_token`, or `code` with a signed answer.
    responses: { code: ['query.jwt', 'form_post.jwt'], 'code id_token': ['fragment', 'fragment.jwt', 'form_post.jwt'] },
    // FAPI1-ADV-5.2.2-6: mutual TLS is the one mechanism it knows.
    senderConstraints: ['mtls'],
    // FAPI1-ADV-8.6
    algorithms: ['PS256', 'ES256'],
  },
  'fapi-ciba': {
    grantTypes: ['urn:openid:params:grant-type:ciba', 'refresh_token', 'client_credentials'],
    // CIBA-CORE-7.1: the issuer, the token endpoint or the backchannel authentication endpoint.
    assertionAudience: 'issuer or endpoint',
    // FAPI-CIBA-5.2.2-6: the authentication request is signed; there is no authorization request.
    requestObject: 'required',
    responses: {},
    senderConstraints: ['mtls'],
    algorithms: ['PS256', 'ES256'],
  },
};

/** The numbers of this server. */
export interface Profile {
  /** Seconds a pushed request may be taken up at the authorization endpoint. */
  readonly requestUriLifetime: number;
  /** Seconds a person has for login and consent once the request was taken up. */
  readonly interactionLifetime: number;
  readonly codeLifetime: number;
  readonly accessTokenLifetime: number;
  readonly idTokenLifetime: number;
  /** Seconds a signed authorization response lives. */
  readonly authorizationResponseLifetime: number;
  /** Seconds a grant, its refresh token and the bank's consent live. */
  readonly grantLifetime: number;
  /** Seconds ahead that `exp` of a client assertion may lie. */
  readonly assertionMaxLifetime: number;
  /** Seconds between `nbf` and `exp` of a request object. */
  readonly requestObjectMaxAge: number;
  /** Bits of randomness in every value that must not be guessed. */
  readonly secretBits: number;
  /** Seconds between `iat` and `exp` of a software statement. */
  readonly softwareStatementMaxAge: number;
  readonly stateMaxLength: number;
  readonly nonceMaxLength: number;
  /** Characters of any signed object a client sends. */
  readonly clientJwtMaxLength: number;
  readonly codeChallengeMethods: readonly ['S256'];
  readonly clientAuthenticationMethods: readonly ClientAuthenticationMethod[];
  /** Scopes that concern a person. */
  readonly scopes: readonly string[];
  /** Scopes a client uses in its own name. */
  readonly clientScopes: readonly string[];
  /** How a person was authenticated, as `acr`. */
  readonly acr: string;
}

export const PROFILE: Profile = {
  // FAPI2-SP-FINAL-5.3.2.2-12 [PAR-03]: less than 600 s. Our choice within it: a redirect takes a moment, not minutes.
  requestUriLifetime: 90,
  // Our choice, no clause: a person needs time to find a password and to read what they agree to.
  interactionLifetime: 600,
  // FAPI2-SP-FINAL-5.3.2.1-11 [AUTH-17]: at most 60 s.
  codeLifetime: 60,
  // Our choice, no clause: short enough that losing one hardly matters, long enough not to refresh at every click.
  accessTokenLifetime: 300,
  // Our choice, no clause: read once, right after it was issued.
  idTokenLifetime: 300,
  // JARM-2.1 [AUTH-21]: ten minutes at most. Our choice within it: it is read at once, and clocks may differ by a minute.
  authorizationResponseLifetime: 120,
  // Our choice, no clause: ninety days, as account information consents commonly live.
  grantLifetime: 90 * 24 * 3600,
  // RFC7523-3-4: the server may refuse an `exp` unreasonably far ahead. Our choice: ten minutes are plenty for one request.
  assertionMaxLifetime: 600,
  // FAPI2-MS-FINAL-5.3.1-3, -4; FAPI1-ADV-5.2.2-13, -17: sixty minutes.
  requestObjectMaxAge: 3600,
  // FAPI2-SP-FINAL-5.4.1-4 [PAR-02] [AUTH-16], RFC6749-10.10: at most 2^-128 to guess; twice that costs nothing.
  secretBits: 256,
  // Our choice, no clause: a directory makes one when it is asked, and whoever finds it later has no use for it.
  softwareStatementMaxAge: 3600,
  // Our choice [PAR-12]; at least 128 must be accepted.
  stateMaxLength: 512,
  // Our choice [PAR-12]; FAPI2-SP-FINAL-5.3.2.2-14 [PAR-13]: at least 64 must be accepted.
  nonceMaxLength: 256,
  // Our choice, no clause: a signed request with rich details stays far below it.
  clientJwtMaxLength: 16_384,
  // FAPI2-SP-FINAL-5.3.2.2-5 [POL-09], FAPI1-ADV-5.2.2-18 [POL-10]: PKCE with S256.
  codeChallengeMethods: ['S256'],
  // FAPI2-SP-FINAL-5.3.2.1-6 [META-10], FAPI1-ADV-5.2.2-14: mutual TLS or private_key_jwt.
  clientAuthenticationMethods: ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt'],
  scopes: ['openid', 'profile'],
  clientScopes: ['grant_management_query', 'grant_management_revoke'],
  // Our choice, no clause: one factor, a password.
  acr: 'urn:holdfast:acr:password',
};
