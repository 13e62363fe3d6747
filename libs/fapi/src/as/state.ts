import type { ResponseMode, ResponseType } from '../profile.ts';
import type { AuthorizationDetail } from '../wire/authorization-details.ts';
import type { RequestedClaims } from '../wire/requested-claims.ts';
import type { CibaState } from './ciba/ciba-state.ts';

/**
 * What the authorization server remembers, as verbs that are atomic in the store. There is no `get` followed by `delete`
 * here: between the two, a second redemption would pass. Every implementation runs the same contract test.
 */
export interface AuthorizationState extends CibaState {
  /** Keeps a pushed request until `until`. */
  createPushedRequest(requestUri: string, request: PushedRequest, until: Date): Promise<void>;
  /** Looks at a pushed request without using it up: a reload or a link scanner must not burn it. */
  findPushedRequest(requestUri: string, now: Date): Promise<{ request: PushedRequest; used: boolean } | undefined>;
  /**
   * Ends a pushed request with consent: uses it up, writes the grant and the code, all in one step. The note of the consent
   * it rests on goes with the same step: from then on the grant answers for it.
   * @returns false when somebody else ended it first, or the note is gone; nothing is written then
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

  /**
   * Takes note of a client assertion. RFC7523-3-7.
   * @param until from here on nobody can use it any more
   * @returns false when this client has used this `jti` before, at whatever endpoint or replica
   */
  recordAssertion(clientId: string, jti: string, until: Date): Promise<boolean>;

  findGrant(grantId: string): Promise<Grant | undefined>;
  /** Revokes a grant with everything issued under it. @returns false when it was revoked before */
  revokeGrant(grantId: string, reason: string, now: Date, until: Date): Promise<boolean>;
  /**
   * Revokes every grant in force of one client and, under `ownGrant`, what it may do in its own name, in one step. Doing it
   * again is no error: the revocation of `ownGrant` counts from then on.
   * @returns the grants of people it revoked; those revoked before are not among them
   */
  revokeGrantsOfClient(
    clientId: string,
    ownGrant: string,
    cause: string,
    now: Date,
    until: Date,
  ): Promise<readonly string[]>;
  /** Revokes one access token. */
  revokeAccessToken(tokenId: string, now: Date, until: Date): Promise<void>;
  /** Whether the token itself or the grant behind it was revoked. */
  isRevoked(tokenId: string, grantId: string): Promise<boolean>;
  /** Revocations recorded at or after `since` whose tokens could still be alive at `now`. */
  revocationsSince(since: Date, now: Date): Promise<readonly Revocation[]>;

  /**
   * Remembers a DPoP proof until `until`, in one step. RFC9449-11.1.
   * @returns false when this key has sent this `jti` before
   */
  recordProof(jkt: string, jti: string, until: Date): Promise<boolean>;

  /** Revoked grants whose consent the bank has not been told of yet. */
  grantsWithOpenConsent(limit: number): Promise<readonly { readonly grantId: string; readonly consentId: string }[]>;
  /** Notes that the bank ended the consent of a grant. */
  markConsentEnded(grantId: string): Promise<void>;

  /** What this person has granted and neither withdrawn nor outlived, newest first. */
  listGrants(subject: string, now: Date): Promise<readonly Grant[]>;

  /** Grants in force whose code or auth_req_id ran out before `before` without having been redeemed. */
  unclaimedGrants(before: Date, limit: number): Promise<readonly string[]>;

  /**
   * Notes that the bank is about to be asked for a consent, before it is asked: whatever becomes of the answer, somebody
   * knows of it. Noting the same again is no error, and does not undo that a grant answers for it already.
   * @param handle the `request_uri` of the request that is being approved, or the id of a CIBA request
   */
  noteConsentRequest(consentRequest: string, handle: string, now: Date): Promise<void>;
  /**
   * Consents the bank was asked for before `before` and that no grant came of: the request they were asked for has ended
   * otherwise, or can no longer end at all.
   */
  abandonedConsentRequests(before: Date, now: Date, limit: number): Promise<readonly string[]>;
  /** Forgets a consent the bank was asked for: it has been ended there. */
  forgetConsentRequest(consentRequest: string): Promise<void>;
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
  readonly responseType: ResponseType;
  readonly responseMode: ResponseMode;
  readonly state?: string;
  readonly nonce?: string;
  readonly scopes: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  readonly codeChallenge: string;
  /** RFC9449-10: the key that alone may redeem the code. */
  readonly dpopJkt?: string;
  /** OIDC-CORE-5.5 */
  readonly claims?: RequestedClaims;
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
  /** Claims asked for at userinfo by name. OIDC-CORE-5.5. */
  readonly userinfoClaims?: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt?: Date;
}

/** What a code stands for until it is redeemed. */
export interface IssuedCode {
  readonly clientId: string;
  readonly grantId: string;
  readonly subject: string;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly nonce?: string;
  readonly dpopJkt?: string;
  /** What the ID token says besides, because the client asked for it: `auth_time`, `acr`, a name. */
  readonly idTokenClaims: Readonly<Record<string, string | number>>;
}

export interface AuthorizationCompletion {
  readonly requestUri: string;
  readonly now: Date;
  /** The consent the grant rests on, as it was noted; absent when it rests on none. */
  readonly consentRequest?: string;
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
