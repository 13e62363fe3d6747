import type { SubjectSelector } from '@holdfast/mtls';
import type { DetailType } from '../wire/authorization-details.ts';

/** How a client proves who it is. One method each: a client registered for one is refused by any other. */
export type ClientAuthentication = {
  /** RFC8705-2.1: a certificate from a known authority, matched by exactly one registered name. */
  readonly method: 'tls_client_auth';
  readonly subject: SubjectSelector;
  /** The authority this client was registered under, as DER. RFC8705-7.4: a name means nothing without who vouches for it. */
  readonly issuer: Uint8Array;
};

/** A client as it is registered. */
export interface RegisteredClient {
  readonly id: string;
  /** Shown on the consent page. */
  readonly name: string;
  readonly profile: 'fapi2-security';
  readonly authentication: ClientAuthentication;
  /** Compared as exact text. FAPI2-SP-FINAL-5.3.2.2-8. */
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
  readonly detailTypes: readonly DetailType[];
  readonly grantTypes: readonly ('authorization_code' | 'refresh_token')[];
  /**
   * Refresh tokens issued before this instant are replaced at their next use: the operator's answer to an incident at this
   * client. FAPI2-SP-FINAL-5.3.2.1-9: rotation in extraordinary circumstances, never as a routine.
   */
  readonly replaceRefreshTokensIssuedBefore?: Date;
}

export interface ClientRegistry {
  find(clientId: string): Promise<RegisteredClient | undefined>;
}
