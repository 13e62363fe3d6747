import * as oauth from 'oauth4webapi';
import { checkMetadata } from '../checks/metadata.ts';
import { judging } from '../library-refusal.ts';
import { plain, usesCertificate } from '../relying-party.ts';
import type { Party, RelyingParty } from '../relying-party.ts';

/** Finds the server's metadata and judges it. OIDC-DISCOVERY-4, RFC8414-3. */
export function discover(party: RelyingParty): Promise<Party> {
  const { issuer } = party.file;
  return party.steps.step('discovery', async (checked) => {
    const response = await fetchMetadata(party, new URL(issuer));
    const server = await judging('metadata', () => oauth.processDiscoveryResponse(new URL(issuer), response));
    checkMetadata(server, issuer);
    checked('issuer to the letter');
    checked('addresses https');
    if (usesCertificate(party.file))
      checked(server.mtls_endpoint_aliases === undefined ? 'no mTLS aliases' : 'mTLS aliases');
    return { ...party, server };
  });
}

/** FAPI2-SP-FINAL-5.3.3.1-9 [CLI-01], RFC8414-5: the two well-known places differ for an issuer with a path, and a server need not have both. */
async function fetchMetadata(party: RelyingParty, issuer: URL): Promise<Response> {
  const ask = (algorithm: 'oidc' | 'oauth2'): Promise<Response> =>
    judging('metadata', () => oauth.discoveryRequest(issuer, { ...plain(party), algorithm }));
  const first = await ask('oidc');
  return first.status === 404 ? ask('oauth2') : first;
}
