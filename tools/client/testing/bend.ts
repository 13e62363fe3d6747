import type { Json, JwtBend } from './signer.ts';
import type { Outgoing } from './tls-listener.ts';

/** What the server does wrong when told to; everything left out is done right. Each member is one thing a real server, or whoever owns
 * one, could do to a client. */
export interface Bend {
  readonly discovery?: (honest: Outgoing) => Outgoing;
  readonly metadata?: (honest: Json) => Json;
  readonly jwks?: (honest: Json) => Json;
  readonly par?: (honest: Outgoing) => Outgoing;
  /** Answers of the pages, redirects among them. */
  readonly page?: (honest: Outgoing, path: string) => Outgoing;
  /** Parameters of the answer; inside the JWT where it is signed. */
  readonly answer?: (honest: URLSearchParams) => void;
  /** The way it comes. */
  readonly via?: 'query' | 'fragment' | 'form_post';
  /** Sends the parameters plainly although a signed answer was asked for. */
  readonly unsigned?: true;
  readonly jarm?: JwtBend;
  /** The ID token beside the code. */
  readonly frontIdToken?: JwtBend;
  readonly idToken?: JwtBend;
  readonly tokenResponse?: (honest: Json) => Json;
  readonly token?: (honest: Outgoing) => Outgoing;
  /** An ID token in the answer to a refresh, which has none by itself. */
  readonly refreshIdToken?: JwtBend;
  readonly userinfo?: (honest: Json) => Json;
  readonly userinfoAnswer?: (honest: Outgoing) => Outgoing;
  readonly resource?: (honest: Outgoing) => Outgoing;
  readonly introspection?: (honest: Json) => Json;
  /** Says yes to a revocation and does nothing. */
  readonly deafToRevocation?: true;
  readonly backchannel?: (honest: Json) => Json;
  /** What a notification says; undefined sends none. */
  readonly notification?: (honest: {
    token: string;
    authReqId: string;
  }) => { token: string; authReqId: string } | undefined;
  /** Answers to questions before the decision. */
  readonly undecided?: 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token';
}
