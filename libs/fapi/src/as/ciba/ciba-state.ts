import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import type { Grant, NewRefreshToken } from '../state.ts';

/**
 * What the authorization server remembers of requests to a person on another device, as verbs that are atomic in the store.
 * A request is known by `id`, the fingerprint of its `auth_req_id`: whoever reads the store, or a person's page, holds
 * nothing a client could redeem.
 */
export interface CibaState {
  /** @returns false when this client has used this `jti` before, at whatever replica; CIBA-CORE-7.1.1 */
  recordSignedRequest(clientId: string, jti: string, until: Date): Promise<boolean>;
  createCibaRequest(request: CibaRequest): Promise<void>;
  findCibaRequest(id: string): Promise<KeptCibaRequest | undefined>;
  /** What waits for this person, oldest first. */
  cibaRequestsWaitingFor(subject: string, now: Date): Promise<readonly CibaRequest[]>;
  /**
   * Ends a request with consent: notes the decision, writes the grant, makes the ping due, all in one step. The note of the
   * consent it rests on goes with the same step. Until the tokens are fetched the grant counts as unclaimed.
   * @returns false when it was decided before, its time is over or the note is gone; nothing is written then
   */
  approveCibaRequest(approval: CibaApproval): Promise<boolean>;
  /** Ends a request without consent, and makes the ping due. @returns false when it was decided before or is over */
  denyCibaRequest(id: string, now: Date): Promise<boolean>;
  /**
   * Notes that a client has asked about a request that nobody has decided yet.
   * @returns false when it came too soon; the interval has grown then
   */
  pollCibaRequest(id: string, now: Date, pace: PollingPace): Promise<boolean>;
  /**
   * Uses an approved request up and writes the refresh token that goes with it, in one step.
   * @returns false when it was used before, or is not approved; nothing is written then
   */
  redeemCibaRequest(id: string, now: Date, refreshToken: NewRefreshToken | undefined): Promise<boolean>;

  /**
   * Takes pings that are due: nobody else is given them until `leaseUntil`, and after that they are due again, so that a
   * process which dies between taking and sending loses none.
   */
  takeDuePings(now: Date, leaseUntil: Date, limit: number): Promise<readonly DuePing[]>;
  /** Makes a ping due again later. */
  putOffPing(id: string, until: Date): Promise<void>;
  /** Forgets a ping that was delivered, or given up, and what it carried. */
  endPing(id: string): Promise<void>;
}

/** What a client asked of a person, checked. CIBA-CORE-7.1. */
export interface CibaRequest {
  readonly id: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  /** Shown on both devices, for the person to compare. */
  readonly bindingMessage: string;
  /** Whether the ID token is to say how the person was authenticated. */
  readonly asksForAcr: boolean;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  /** Seconds the client is told to leave between two questions. */
  readonly interval: number;
  /**
   * What a ping carries. In clear, because it has to be sent as it came: the `auth_req_id` is good for its client alone, and
   * the token opens nothing but the client's own notification endpoint.
   */
  readonly ping?: { readonly authReqId: string; readonly token: string };
}

export interface KeptCibaRequest {
  readonly request: CibaRequest;
  readonly decision: CibaDecision | undefined;
  /** Whether its tokens have been fetched. */
  readonly used: boolean;
}

export type CibaDecision =
  | {
      readonly kind: 'approved';
      readonly grantId: string;
      /** What the ID token says besides, because the client asked for it. */
      readonly idTokenClaims: Readonly<Record<string, string | number>>;
    }
  | { readonly kind: 'denied' };

export interface CibaApproval {
  readonly id: string;
  readonly now: Date;
  /** The consent the grant rests on, as it was noted under the request's id; absent when it rests on none. */
  readonly consentRequest?: string;
  readonly grant: Grant;
  readonly idTokenClaims: Readonly<Record<string, string | number>>;
}

/** How often a client may ask. Seconds. */
export interface PollingPace {
  /** How much too early still counts as in time. */
  readonly tolerance: number;
  /** What each request that came too soon adds to the interval, and how far. */
  readonly slowDownBy: number;
  readonly max: number;
}

export interface DuePing {
  readonly id: string;
  readonly clientId: string;
  readonly subject: string;
  readonly authReqId: string;
  readonly token: string;
  /** How many times it has been taken, this time included. */
  readonly attempt: number;
}
