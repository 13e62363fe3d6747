import type { Trail } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import type { RegisteredClient } from '../clients.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { authenticateByCertificate } from './tls-client-auth.ts';

/** Parameters of the methods this server does not offer. FAPI2-SP-FINAL-5.3.2.1-6. */
const OTHER_METHODS = ['client_secret', 'client_assertion', 'client_assertion_type'];

/**
 * Authenticates the client that a request claims to come from. FAPI2-SP-FINAL-5.3.2.1-6, RFC8705-2.
 *
 * The claim comes first and the certificate is matched against the *claimed* client's registration. Looking the client up
 * by its certificate instead would make every holder of some trusted certificate somebody.
 *
 * @throws OAuthError `invalid_client`
 */
export async function authenticateClient(
  as: Engine,
  form: Parameters,
  request: EndpointRequest,
  trail: Trail,
): Promise<RegisteredClient> {
  refuseOtherMethods(form, request);
  const clientId = form.get('client_id');
  if (clientId === undefined) throw refuse('invalid_client', 'client_id_missing');
  const client = await as.clients.find(clientId);
  if (client === undefined)
    throw refuse('invalid_client', 'client_unknown', { evidence: { claimed: clientId.slice(0, 64) } });
  trail.client = client.id;
  authenticateByCertificate(client, request.peer, as.clock.now());
  return client;
}

// A request that carries a secret or an assertion beside its certificate was made by a client that believes in another
// registration than ours; which of the two it is authenticated by must not be left to guessing.
function refuseOtherMethods(form: Parameters, request: EndpointRequest): void {
  const [header] = request.authorization;
  // RFC6749-5.2: a client that used the Authorization header is answered with the scheme it used.
  if (header !== undefined)
    throw refuse('invalid_client', 'client_authentication_method_mismatch', {
      evidence: { found: 'authorization header' },
      challenge: /^[A-Za-z]+/.exec(header)?.[0] ?? 'Basic',
    });
  const other = OTHER_METHODS.find((name) => form.has(name));
  if (other !== undefined)
    throw refuse('invalid_client', 'client_authentication_method_mismatch', { evidence: { found: other } });
}
