import type { AuthorityName } from '@holdfast/pki';

/** Whom to trust for one purpose, and whom no longer. Everything in it is public. */
export interface PurposeTrust {
  /** PEM: roots and intermediates; two of each while a rotation overlaps. */
  readonly authorities: string;
  /** PEM: a revocation list of each intermediate. */
  readonly revocationLists: string;
  /** `x5t#S256` of the intermediate that issues now. */
  readonly issuer: string;
}

export interface TrustState {
  /** Grows with every change, across restarts too. */
  readonly version: number;
  readonly purposes: Readonly<Record<AuthorityName, PurposeTrust>>;
}
