import type { IssuerPin } from '@holdfast/mtls';
import type { JWK } from 'jose';
import type { ProfileName } from '../../profile.ts';
import type { RegisteredClient } from '../clients.ts';
import type { ClientMetadata } from './metadata-members.ts';

/** What clients need to register themselves here. RFC7591. */
export interface DynamicRegistration {
  /** Who vouches for software: its name, and the public keys it signs statements with. */
  readonly directory: { readonly issuer: string; readonly keys: readonly JWK[] };
  /** The authority that vouches for participants' certificates. RFC8705-7.4. */
  readonly authority: IssuerPin;
  /** Clients that did not register themselves: what is theirs is nobody else's. */
  readonly configured: readonly RegisteredClient[];
  readonly registrations: ClientRegistrations;
  /** Whether this server would ever call this address; an address it would not is no use in a registration. */
  permitsUri(uri: string): boolean;
}

/** A client that registered itself, as it is kept. */
export interface ClientRegistration {
  readonly clientId: string;
  readonly issuedAt: Date;
  readonly profile: ProfileName;
  /** What the client said and the statement overruled, as the one reader of client metadata takes it. */
  readonly metadata: ClientMetadata;
  /** The statement as it was presented. RFC7591-3.2.1: it is given back unchanged. */
  readonly statement: string;
}

/** A registration that is about to be written. */
export interface RegistrationChange {
  readonly registration: ClientRegistration;
  /** Everything by which this client is told from others: names of its certificate, keys, addresses. */
  readonly identifiers: readonly string[];
  /** The statement it rests on, when it is a new one: noted in the same step. */
  readonly used?: { readonly issuer: string; readonly jti: string; readonly until: Date };
}

/** What became of a change; anything but `done` has changed nothing. */
export type RegistrationOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'replayed' }
  | { readonly kind: 'taken'; readonly identifier: string }
  | { readonly kind: 'gone' };

/** Clients that registered themselves, as verbs that are atomic in the store. Each implementation runs the same contract. */
export interface ClientRegistrations {
  /** Writes a new client, the note of its statement and its identifiers, all or none. @param token its registration access token */
  register(change: RegistrationChange, token: string): Promise<RegistrationOutcome>;
  find(clientId: string): Promise<ClientRegistration | undefined>;
  /** The registration this token was issued for; the token is kept as a hash alone. */
  findByToken(clientId: string, token: string): Promise<ClientRegistration | undefined>;
  /** Replaces everything of a registration but its id, its time and its token. RFC7592-2.2. */
  replace(change: RegistrationChange): Promise<RegistrationOutcome>;
  /** @returns false when there was none */
  remove(clientId: string): Promise<boolean>;
}
