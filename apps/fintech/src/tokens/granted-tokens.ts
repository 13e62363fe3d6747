/** Tokens as they came from the bank's login service, checked; they live in memory for the length of one call. */
export interface GrantedTokens {
  readonly accessToken: string;
  readonly expiresAt: Date;
  /** `x5t#S256` of the certificate on the connection they were issued over. RFC8705-3. */
  readonly thumbprint: string;
  readonly refreshToken: string | undefined;
  /** `authorization_details` as granted, unread. RFC9396-7. */
  readonly details: unknown;
}
