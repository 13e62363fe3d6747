/**
 * The policy of the pages: own stylesheet and images, no script (RFC9700-4.16 [AUTH-26]), no frame (RFC6749-10.13
 * [AUTH-28]).
 *
 * Our choice, no clause [AUTH-27]: browsers apply `form-action` to the redirect that follows a form too, so the consent
 * page must allow the place the code goes to, and only that one.
 *
 * @param redirectUri where the answer of this page's form may lead, besides here
 * @param scriptHash the one script a page may carry, by its hash; none otherwise
 */
export function pageCsp(redirectUri?: string, scriptHash?: string): string {
  const formAction = redirectUri === undefined ? "'self'" : `'self' ${new URL(redirectUri).origin}`;
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    ...(scriptHash === undefined ? [] : [`script-src ${scriptHash}`]),
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
