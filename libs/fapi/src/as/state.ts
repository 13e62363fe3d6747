import type { AuthorizationDetail } from '../wire/authorization-details.ts';

/**
 * What the authorization server remembers, as verbs that are atomic in the store. There is no `get` followed by `delete`
 * here: between the two, a second redemption would pass. Every implementation runs the same contract test.
 */
export interface AuthorizationState {
  /** Keeps a pushed request until `until`. */
  createPushedRequest(requestUri: string, request: PushedRequest, until: Date): Promise<void>;
  /** Looks at a pushed request without using it up: a reload or a link scanner must not burn it. */
  findPushedRequest(requestUri: string, now: Date): Promise<{ request: PushedRequest; used: boolean } | undefined>;
  /**
   * Ends a pushed request with consent: uses it up, writes the grant and the code, all in one step.
   * @returns false when somebody else ended it first; nothing is written then
   */
  completeAuthorization(completion: AuthorizationCompletion): Promise<boolean>;
  /** Ends a pushed request without consent. @returns false when it had ended already */
  refuseAuthorization(requestUri: string, now: Date): Promise<boolean>;

  /** Looks at a code without using it up: a foreign client must not burn the owner's code. */
  findCode(code: string, now: Date): Promise<{ issued: IssuedCode; used: boolean; expired: boolean } | undefined>;
  /**
   * Uses a code up and writes the refresh token that goes with it, in one step.
   * @returns false when the code was used before; nothing is written then
   */
  redeemCode(code: string, now: Date, refreshToken: NewRefreshToken | undefined): Promise<boolean>;

  findRefreshToken(
    token: string,
    now: Date,
  ): Promise<{ grantId: string; issuedAt: Date; expired: boolean; replaced: boolean } | undefined>;
  /**
   * Retires a refresh token and writes its successor, in one step.
   * @returns false when it was replaced before or has expired; nothing is written then
   */
  replaceRefreshToken(token: string, successor: NewRefreshToken, now: Date): Promise<boolean>;

  findGrant(grantId: string): Promise<Grant | undefined>;
  /** Revokes a grant with everything issued under it. @returns false when it was revoked before */
  revokeGrant(grantId: string, reason: string, now: Date, until: Date): Promise<boolean>;
  /** Revokes one access token. */
  revokeAccessToken(tokenId: string, now: Date, until: Date): Promise<void>;
  /** Whether the token itself or the grant behind it was revoked. */
  isRevoked(tokenId: string, grantId: string): Promise<boolean>;
  /** Revocations recorded at or after `since` whose tokens could still be alive at `now`. */
  revocationsSince(since: Date, now: Date): Promise<readonly Revocation[]>;

  /** Revoked grants whose consent the bank has not been told of yet. */
  grantsWithOpenConsent(limit: number): Promise<readonly { readonly grantId: string; readonly consentId: string }[]>;
  /** Notes that the bank ended the consent of a grant. */
  markConsentEnded(grantId: string): Promise<void>;
}

/** What a resource server has to stop accepting. */
export interface Revocation {
  readonly kind: 'grant' | 'access_token';
  readonly id: string;
  readonly revokedAt: Date;
  /** From here on no token this concerns can be alive. */
  readonly until: Date;
}

/** What a client asked for, checked, as it was pushed. RFC9126-2. */
export interface PushedRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state?: string;
  readonly nonce?: string;
  readonly scopes: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly codeChallenge: string;
  readonly prompt?: 'login' | 'consent' | 'none';
  /** Seconds; OIDC-CORE-3.1.2.1. */
  readonly maxAge?: number;
  readonly loginHint?: string;
  readonly uiLocales?: readonly string[];
  /** Epoch milliseconds until which the authorization endpoint takes this request up. */
  readonly usableUntil: number;
}

/** What a customer agreed to. */
export interface Grant {
  readonly id: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly consentId?: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt?: Date;
}

/** What a code stands for until it is redeemed. */
export interface IssuedCode {
  readonly clientId: string;
  readonly grantId: string;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly nonce?: string;
  /** Epoch seconds of the login; only present when the client asked for it (`max_age`). */
  readonly authTime?: number;
}

export interface AuthorizationCompletion {
  readonly requestUri: string;
  readonly now: Date;
  readonly grant: Grant;
  readonly code: string;
  readonly issued: IssuedCode;
  /** When the code expires. */
  readonly codeUntil: Date;
}

export interface NewRefreshToken {
  readonly token: string;
  readonly grantId: string;
  readonly issuedAt: Date;
  readonly until: Date;
}
