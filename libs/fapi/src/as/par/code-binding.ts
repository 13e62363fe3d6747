import { refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import type { RegisteredClient } from '../clients.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { ENDPOINT_PATHS } from '../metadata/endpoints.ts';
import { dpopKey } from '../token/sender-constraint.ts';

/**
 * The key that alone may redeem the code of this request. RFC9449-10 [PAR-28]: named as `dpop_jkt`, or proven by a DPoP
 * header at the PAR endpoint (RFC9449-10.1 [PAR-29] [PAR-30]). FAPI2-SP-FINAL-5.3.2.1-12: both ways are supported.
 *
 * @returns nothing when the client binds the code to no key
 * @throws OAuthError `invalid_request` when the two name different keys
 */
export async function codeBinding(
  as: Engine,
  client: RegisteredClient,
  parameters: Parameters,
  request: EndpointRequest,
): Promise<{ readonly dpopJkt?: string }> {
  const named = namedKey(client, parameters);
  const proven = await dpopKey(as, client, request, ENDPOINT_PATHS.pushedAuthorizationRequest);
  if (named !== undefined && proven !== undefined && named !== proven)
    throw refuse('invalid_request', 'dpop_jkt_mismatch');
  const dpopJkt = named ?? proven;
  return dpopJkt === undefined ? {} : { dpopJkt };
}

function namedKey(client: RegisteredClient, parameters: Parameters): string | undefined {
  const jkt = parameters.get('dpop_jkt');
  if (jkt === undefined) return undefined;
  if (!client.senderConstraints.includes('dpop')) throw refuse('invalid_request', 'dpop_not_registered');
  // RFC7638-3: SHA-256, base64url.
  if (!/^[A-Za-z0-9_-]{43}$/.test(jkt))
    throw refuse('invalid_request', 'parameter_malformed', { evidence: { parameter: 'dpop_jkt' } });
  return jkt;
}
