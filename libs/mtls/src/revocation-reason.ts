/** Why a certificate was taken back, by its number; the two that need another model of trust are left out. [RFC5280-5.3.1] */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
} as const;

export type RevocationReason = keyof typeof REVOCATION_REASONS;

/** The reason behind a number; one that we do not give ourselves says nothing to us. */
export function reasonOf(code: number | undefined): RevocationReason {
  const known = Object.entries(REVOCATION_REASONS).find(([, number]) => number === code);
  return (known?.[0] as RevocationReason | undefined) ?? 'unspecified';
}
