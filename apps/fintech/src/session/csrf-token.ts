import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The token that proves a form was made by a page of this visit. Derived from the session's secret, so it needs no store,
 * belongs to exactly one session, and dies with it; it tells nothing about the secret.
 */
export const csrfToken = (sessionSecret: string): string =>
  createHmac('sha256', sessionSecret).update('tidepool form').digest('base64url');

/** Compared without leaking by time how much of a guess was right. */
export function isCsrfToken(sent: string | undefined, sessionSecret: string): boolean {
  const expected = Buffer.from(csrfToken(sessionSecret));
  const given = Buffer.from(sent ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
