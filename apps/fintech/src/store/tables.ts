/** Tidepool's own tables. Moments are integer milliseconds since 1970, on both engines. */
export interface FintechTables {
  sessions: SessionRow;
  links: LinkRow;
}

/** A visit of one browser. The cookie's value is stored only as SHA-256: a copy of the table opens no session. */
export interface SessionRow {
  readonly id_hash: string;
  readonly created_at: number;
  readonly last_seen_at: number;
  /** The absolute end, however busy the session is. */
  readonly expires_at: number;
}

/** A linked bank. Tokens are sealed (`createSealedBox` of the store). */
export interface LinkRow {
  readonly id: string;
  /** Whose link it is; null once it is given up and only waits for the access to be withdrawn at the bank. */
  readonly session_hash: string | null;
  readonly issuer: string;
  readonly subject: string;
  readonly linked_at: number;
  readonly until: number;
  /** When the permission at the bank ends, if the bank said so. */
  readonly granted_until: number | null;
  /** JSON array of actions. */
  readonly actions: string;
  readonly account_count: number | null;
  /** When the person proved who they are to the bank. */
  readonly authenticated_at: number;
  readonly refresh_token: string | null;
  readonly access_token: string | null;
  readonly access_token_expires_at: number;
  /** `x5t#S256` of the certificate the access token was issued to. */
  readonly access_token_thumbprint: string;
  readonly renewed_at: number;
  readonly ended_at: number | null;
  readonly retired_at: number | null;
}
