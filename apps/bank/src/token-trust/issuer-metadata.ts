import { z } from 'zod';

/** The only two members the bank needs; the rest of the document is for clients. */
const metadataShape = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https$/ }) });

/** RFC8414-3.1 [META-05]: the well-known part goes between host and path of the issuer. */
export function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`;
}

/**
 * Where the issuer publishes its keys.
 * RFC8414-3.3: the document must name the issuer it was fetched for, compared character by character.
 * Our choice, no clause: keys come from the issuer's own origin, so that a line in a document cannot move them elsewhere.
 * @throws Error with what is wrong; never with the document's content
 */
export function parseJwksUri(document: unknown, issuer: string): string {
  const metadata = metadataShape.safeParse(document);
  if (!metadata.success) throw new Error('the metadata of the authorization server is malformed');
  if (metadata.data.issuer !== issuer) throw new Error('the metadata names another issuer');
  if (new URL(metadata.data.jwks_uri).origin === new URL(issuer).origin) return metadata.data.jwks_uri;
  throw new Error('jwks_uri lies outside the origin of the issuer');
}
