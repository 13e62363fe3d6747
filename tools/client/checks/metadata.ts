import type { AuthorizationServer } from 'oauth4webapi';
import { Refused, oneLine } from '../refusal.ts';

/** Every address this client may call. */
const CALLED = [
  'authorization_endpoint',
  'pushed_authorization_request_endpoint',
  'backchannel_authentication_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'jwks_uri',
] as const;

/**
 * What metadata must hold beyond what the protocol library checks.
 * @param issuer as the client file names it
 * @throws Refused
 */
export function checkMetadata(metadata: AuthorizationServer, issuer: string): void {
  // RFC8414-3.3, FAPI2-SP-FINAL-5.3.3.1-11: identical, to the letter. The library compares parsed URLs, to which a
  // trailing slash or another letter case make no difference; `iss` of the answer is compared as text, so this must be
  // too.
  if (metadata.issuer !== issuer)
    throw new Refused('issuer_mismatch', { detail: `"${oneLine(metadata.issuer)}" instead of "${issuer}"` });
  for (const [name, address] of addresses(metadata)) {
    // RFC8414-2: before the first call and not at the one that is concerned, for by then the others have been made.
    if (typeof address !== 'string' || URL.parse(address)?.protocol !== 'https:')
      throw new Refused('endpoint_not_https', { detail: name });
  }
}

function addresses(metadata: AuthorizationServer): [name: string, address: unknown][] {
  const aliases = (metadata.mtls_endpoint_aliases ?? {}) as Record<string, unknown> | string;
  if (typeof aliases !== 'object')
    throw new Refused('metadata_malformed', { detail: 'mtls_endpoint_aliases is not an object' });
  const own = CALLED.map((name): [string, unknown] => [name, metadata[name]]);
  const other = CALLED.map((name): [string, unknown] => [`mtls_endpoint_aliases.${name}`, aliases[name]]);
  return [...own, ...other].filter(([, address]) => address !== undefined);
}
