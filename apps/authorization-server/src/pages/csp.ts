/**
 * The policy of the pages: own stylesheet and images, no script at all, no frame.
 *
 * Browsers apply `form-action` to the redirect that follows a form too, so the consent page must allow the place the code
 * goes to, and only that one.
 *
 * @param redirectUri where the answer of this page's form may lead, besides here
 */
export function pageCsp(redirectUri?: string): string {
  const formAction = redirectUri === undefined ? "'self'" : `'self' ${new URL(redirectUri).origin}`;
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
