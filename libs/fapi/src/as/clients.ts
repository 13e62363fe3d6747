import type { IssuerPin, SubjectSelector } from '@holdfast/mtls';
import type { JWK } from 'jose';
import type { GrantType, ProfileName, ResponseType, SenderConstraint, SigningAlgorithm } from '../profile.ts';
import type { DetailType } from '../wire/authorization-details.ts';

/** How a client proves who it is. One method each: a client registered for one is refused by any other. */
export type ClientAuthentication =
  | {
      /** RFC8705-2.1: a certificate from a known authority, matched by exactly one registered name. */
      readonly method: 'tls_client_auth';
      readonly subject: SubjectSelector;
      /**
       * The authority this client was registered under. RFC8705-7.4: a name means nothing without who vouches for it.
       */
      readonly authority: IssuerPin;
    }
  | {
      /** RFC8705-2.2: a certificate of the client's own making, registered as `x5c` in its keys. */
      readonly method: 'self_signed_tls_client_auth';
    }
  | {
      /** OIDC-CORE-9, RFC7523-2.2: an assertion signed with one of the client's keys. */
      readonly method: 'private_key_jwt';
      readonly algorithm: SigningAlgorithm;
    };

/** Public keys of a client: in its registration, or where it publishes them. RFC7591-2. Never both. */
export type ClientJwks =
  | { readonly kind: 'inline'; readonly keys: readonly JWK[] }
  | { readonly kind: 'remote'; readonly uri: string }
  | { readonly kind: 'none' };

/** How a client learns that a person has decided. CIBA-CORE-4. */
export type CibaDelivery = { readonly mode: 'poll' } | { readonly mode: 'ping'; readonly notificationEndpoint: string };

/** A client as it is registered. */
export interface RegisteredClient {
  readonly id: string;
  /** Shown on the consent page. */
  readonly name: string;
  readonly profile: ProfileName;
  /** Switched off by the operator: refused everywhere, whatever its keys and certificates say. */
  readonly disabled: boolean;
  readonly authentication: ClientAuthentication;
  readonly jwks: ClientJwks;
  /** What its access tokens are bound to; each of these, and at least one. FAPI2-SP-FINAL-5.3.2.1-4. */
  readonly senderConstraints: readonly SenderConstraint[];
  /** Compared as exact text. FAPI2-SP-FINAL-5.3.2.2-8. */
  readonly redirectUris: readonly string[];
  readonly responseTypes: readonly ResponseType[];
  readonly scopes: readonly string[];
  readonly detailTypes: readonly DetailType[];
  readonly grantTypes: readonly GrantType[];
  /** Signs its request objects and CIBA requests with this. OIDC-REGISTRATION-2. */
  readonly requestObjectAlgorithm: SigningAlgorithm;
  /** What it wants signed for it: ID tokens, authorization responses (JARM-3), introspection (RFC9701-6). */
  readonly idTokenAlgorithm: SigningAlgorithm;
  readonly authorizationResponseAlgorithm: SigningAlgorithm;
  readonly introspectionAlgorithm: SigningAlgorithm;
  /** Only for clients that ask a person on another device. */
  readonly ciba?: CibaDelivery;
  /**
   * Refresh tokens issued before this instant are replaced at their next use: the operator's answer to an incident at this
   * client. FAPI2-SP-FINAL-5.3.2.1-9: rotation in extraordinary circumstances, never as a routine.
   */
  readonly replaceRefreshTokensIssuedBefore?: Date;
}

export interface ClientRegistry {
  find(clientId: string): Promise<RegisteredClient | undefined>;
}

/**
 * Fetches the keys a client publishes. The implementation is what stands between this server and somebody who registers
 * `https://169.254.169.254/` as his `jwks_uri`: https only, permitted hosts, no redirects, bounded size and time.
 */
export interface RemoteJwks {
  /**
   * @param fresh true after a key was not found: ask again instead of answering from memory, at most as often as the
   *   implementation allows
   * @throws OAuthError `temporarily_unavailable` when the keys cannot be had
   */
  fetch(uri: string, fresh: boolean): Promise<readonly JWK[]>;
}
