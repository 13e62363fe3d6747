/** The three doors: certificates of one open no other. */
export const TRUST_PURPOSES = ['web', 'participants', 'services'] as const;
export type TrustPurpose = (typeof TRUST_PURPOSES)[number];

/** Whom to trust, and whom no longer, as the certificate authority says it. */
export interface TrustState {
  /** Grows with every change. */
  readonly version: number;
  readonly purposes: Readonly<Record<TrustPurpose, PurposeState>>;
}

export interface PurposeState {
  /** PEM: roots and intermediates. */
  readonly authorities: string;
  /** PEM: one list of each intermediate. */
  readonly revocationLists: string;
  /** `x5t#S256` of the intermediate that issues now; undefined where only files say whom to trust. */
  readonly issuer: string | undefined;
}

export const perPurpose = <T>(make: (purpose: TrustPurpose) => T): Record<TrustPurpose, T> => ({
  web: make('web'),
  participants: make('participants'),
  services: make('services'),
});
