import { refuse } from '../errors.ts';

/** How elements of one type are read. RFC9396-2.2: what a type may say besides is for the API to define. */
export interface DetailSchema {
  /** Members besides `type`, `actions` and `locations`. */
  readonly members: readonly string[];
  /**
   * Reads the members of this type.
   * @throws OAuthError `invalid_authorization_details`
   */
  read(element: Readonly<Record<string, unknown>>): object;
}

/** An element that is not of the shape its type has. RFC9396-5. */
export const malformed = (problem: string) =>
  refuse('invalid_authorization_details', 'authorization_details_malformed', { evidence: { problem } });
