import { isDeepStrictEqual } from 'node:util';
import { refuse } from '../../errors.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import { CLIENT_METADATA_MEMBERS, clientFromMetadata } from './client-metadata.ts';
import type { ClientMetadata } from './metadata-members.ts';
import { notAllowed } from './metadata-members.ts';
import type { ClientRegistration, DynamicRegistration } from './registrations.ts';
import type { SoftwareStatement } from './software-statement.ts';

/** Who a client is and which keys are its own: the directory's word alone, never the client's. */
const DIRECTORY_ONLY = CLIENT_METADATA_MEMBERS.filter(
  (member) => member.startsWith('tls_client_auth_') || member === 'jwks' || member === 'jwks_uri',
);
/** Addresses this server calls. */
const CALLED = ['jwks_uri', 'backchannel_client_notification_endpoint'];

/** A client as it is kept, and as the rest of the engine knows it. */
export interface VouchedClient {
  readonly registration: ClientRegistration;
  readonly client: RegisteredClient;
}

/**
 * Puts together what a client asks for and what its directory says of it. RFC7591-2.3: the statement wins. RFC7591-2: members
 * nobody knows are left out. Names and keys that contradict the statement are refused rather than overruled, because whoever
 * sends them believes in another registration than would come of it, or is trying somebody else's.
 *
 * @param asked the metadata as sent
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`
 */
export function vouchedClient(
  as: Engine,
  terms: DynamicRegistration,
  statement: SoftwareStatement,
  asked: ClientMetadata,
  who: Pick<ClientRegistration, 'clientId' | 'issuedAt'>,
): VouchedClient {
  checkNotContradicted(asked, statement.metadata);
  const known = Object.entries(asked).filter(([member]) => CLIENT_METADATA_MEMBERS.includes(member));
  const metadata = { ...Object.fromEntries(known), ...statement.metadata };
  const registration = { ...who, profile: statement.profile, metadata, statement: statement.text };
  const client = registeredClient(as, terms, registration);
  checkRedirectUris(client, statement);
  for (const member of CALLED) checkCallable(terms, metadata, member);
  return { registration, client };
}

/** A kept registration as the rest of the engine knows it. @throws OAuthError when the profile no longer permits it */
export const registeredClient = (
  as: Pick<Engine, 'profile' | 'detailTypes'>,
  { authority }: Pick<DynamicRegistration, 'authority'>,
  { clientId, profile: profileName, metadata }: ClientRegistration,
): RegisteredClient =>
  clientFromMetadata(metadata, {
    clientId,
    profileName,
    profile: as.profile,
    authority,
    detailTypes: as.detailTypes,
  });

function checkNotContradicted(asked: ClientMetadata, vouched: ClientMetadata): void {
  for (const member of DIRECTORY_ONLY)
    if (asked[member] !== undefined && !isDeepStrictEqual(asked[member], vouched[member]))
      throw notAllowed(member, 'not what the software statement says');
}

// A redirect URI of somebody else would bring that client's codes here.
function checkRedirectUris(client: RegisteredClient, { redirectUris }: SoftwareStatement): void {
  const foreign = client.redirectUris.find((uri) => !redirectUris.includes(uri));
  if (foreign !== undefined)
    throw refuse('invalid_redirect_uri', 'redirect_uri_not_allowed', { evidence: { uri: foreign.slice(0, 200) } });
}

function checkCallable({ permitsUri }: DynamicRegistration, metadata: ClientMetadata, member: string): void {
  const uri = metadata[member];
  if (uri !== undefined && (typeof uri !== 'string' || !permitsUri(uri)))
    throw notAllowed(member, 'an address that is not called from here');
}
