import type { AuthorityName } from '@holdfast/pki';
import type { RevocationReason } from '@holdfast/mtls';
import type { Store } from '@holdfast/store';

/** The authority's own tables. Moments are milliseconds since 1970, UTC. */
export interface AuthorityTables {
  certificates: CertificateRow;
  revocation_lists: RevocationListRow;
  trust_states: TrustStateRow;
  acknowledgements: AcknowledgementRow;
  rotations: RotationRow;
  revisions: { name: string; number: number };
}

/** The database, or a transaction of it. */
export type AuthorityDb = Store<AuthorityTables>['db'];

/** One certificate that was issued, by the process or by hand. */
export interface CertificateRow {
  /** Upper-case hex, as `PeerCertificate.serialNumber` writes it. */
  readonly serial: string;
  readonly purpose: AuthorityName;
  /** `<holder>/<name>`. */
  readonly name: string;
  readonly subject: string;
  /** `x5t#S256`, as that of the intermediate that signed it. */
  readonly thumbprint: string;
  readonly issuer: string;
  readonly not_before: number;
  readonly not_after: number;
  /** Who asked for it, and how it was known: `bank`, `certificate`. */
  readonly asked_by: string;
  readonly authenticated: Authentication;
  readonly issued_at: number;
  readonly revoked_at: number | null;
  readonly revocation_reason: RevocationReason | null;
}

/** How whoever asked was known; `operator` for what was issued by hand, `process` for what the authority issues to itself. */
export type Authentication = 'certificate' | 'token' | 'operator' | 'process';

/** The newest list of one intermediate. */
export interface RevocationListRow {
  /** `x5t#S256` of the intermediate. */
  readonly issuer: string;
  readonly number: number;
  readonly pem: string;
  readonly next_update: number;
}

export interface TrustStateRow {
  readonly version: number;
  /** JSON. */
  readonly state: string;
  readonly made_at: number;
}

/** What a process has told last: which state it works with, and which certificates it holds. */
export interface AcknowledgementRow {
  readonly holder: string;
  /** Which process of the holder. */
  readonly instance: string;
  readonly version: number;
  /** JSON array of `HeldCertificate`. */
  readonly certificates: string;
  readonly at: number;
}

export interface RotationRow {
  readonly purpose: AuthorityName;
  readonly kind: 'root' | 'intermediate';
  /** 1 announce, 2 issue, 3 withdraw, 4 retire. */
  readonly phase: number;
  /** `x5t#S256` of the two intermediates. */
  readonly old_issuer: string;
  readonly new_issuer: string;
  readonly began_at: number;
  readonly phase_at: number;
  /** The trust state that shows this phase; null until the running process has published it. */
  readonly version: number | null;
}
