/**
 * How an answer of the authorization endpoint travels through the browser: in a redirect, or in a form that posts itself.
 * RFC6749-4.1.2, OAUTH-FORM-POST-2.
 */
export type AuthorizationResponse =
  | { readonly kind: 'redirect'; /** The complete URL; answer with 303. */ readonly location: string }
  | { readonly kind: 'form_post'; readonly action: string; readonly fields: Readonly<Record<string, string>> };
