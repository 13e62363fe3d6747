import type { PeerCertificate } from '@holdfast/mtls';
import { certificateKeys, selectorKey } from '@holdfast/mtls';
import { calculateJwkThumbprint } from 'jose';
import { refuse } from '../../errors.ts';
import type { RegisteredClient } from '../clients.ts';
import type { DynamicRegistration } from './registrations.ts';

/**
 * Everything that tells a client from others: the name its certificate is recognised by, its keys, where it publishes them,
 * and where its answers go. A second client with any of it could pass for the first, or receive what is meant for it.
 */
export async function identifiersOf(client: RegisteredClient): Promise<readonly string[]> {
  const { authentication, jwks, redirectUris } = client;
  return [
    ...(authentication.method === 'tls_client_auth' ? [selectorKey(authentication.subject)] : []),
    ...(jwks.kind === 'inline' ? await Promise.all(jwks.keys.map(keyIdentifier)) : []),
    ...(jwks.kind === 'remote' ? [`jwks_uri:${jwks.uri}`] : []),
    ...redirectUris.map((uri) => `redirect_uri:${uri}`),
  ];
}

/** The same for a client that registers itself: every name in the certificate it came with is its own. */
export const identifiersOfParticipant = async (
  client: RegisteredClient,
  certificate: PeerCertificate,
): Promise<readonly string[]> => [...new Set([...certificateKeys(certificate), ...(await identifiersOf(client))])];

/**
 * Refuses what belongs to a client of the configuration.
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`
 */
export async function checkNotConfigured(
  { configured }: DynamicRegistration,
  identifiers: readonly string[],
): Promise<void> {
  const theirs = new Set((await Promise.all(configured.map(identifiersOf))).flat());
  const taken = identifiers.find((identifier) => theirs.has(identifier));
  if (taken !== undefined) throw identifierTaken(taken);
}

/** The caller is told that something is taken and not what: he need not learn of other clients. */
export function identifierTaken(identifier: string) {
  const kind = identifier.slice(0, identifier.indexOf(':'));
  const code = kind === 'redirect_uri' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  return refuse(code, 'client_identifier_taken', { evidence: { kind } });
}

// RFC7638: the same key has the same thumbprint, however it is written and named.
const keyIdentifier = async (jwk: Parameters<typeof calculateJwkThumbprint>[0]): Promise<string> =>
  `key:${await calculateJwkThumbprint(jwk)}`;
