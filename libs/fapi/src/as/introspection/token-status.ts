import type { Engine } from '../engine.ts';
import { OWN_GRANT } from '../token/grants.ts';

/**
 * Whether an access token of this server still counts, for a resource server that has verified it and could not hear of
 * revocations. RFC7662-2.2. Whatever is not known is not alive: the token, its grant, the client behind it.
 *
 * @param tokenId `jti` of the token
 * @param grantId the grant it was issued under: of a person, or the client's own
 */
export async function isTokenAlive(
  as: Pick<Engine, 'state' | 'clients' | 'clock'>,
  tokenId: string,
  grantId: string,
): Promise<boolean> {
  const clientId = await clientBehind(as, grantId);
  const client = clientId === undefined ? undefined : await as.clients.find(clientId);
  if (client === undefined || client.disabled) return false;
  return !(await as.state.isRevoked(tokenId, grantId));
}

// RFC6749-4.4: what a client has in its own name rests on its registration, and no grant is written down for it.
async function clientBehind(as: Pick<Engine, 'state' | 'clock'>, grantId: string): Promise<string | undefined> {
  if (grantId.startsWith(OWN_GRANT)) return grantId.slice(OWN_GRANT.length);
  const grant = await as.state.findGrant(grantId);
  const inForce = grant !== undefined && grant.revokedAt === undefined && grant.expiresAt > as.clock.now();
  return inForce ? grant.clientId : undefined;
}
