import type { Trail } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import { claimedIssuer } from '../../wire/client-assertion.ts';
import type { RegisteredClient } from '../clients.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { authenticateByAssertion } from './private-key-jwt.ts';
import { authenticateBySelfSignedCertificate } from './self-signed-tls-client-auth.ts';
import { authenticateByCertificate } from './tls-client-auth.ts';

/**
 * Authenticates the client that a request claims to come from. FAPI2-SP-FINAL-5.3.2.1-6, RFC8705-2.1 [TOK-01], OIDC-CORE-9.
 *
 * The claim comes first, and the proof is matched against the *claimed* client's registration. Looking the client up
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
  refuseSecrets(form, request);
  const client = await claimedClient(as, form);
  trail.client = client.id;
  if (client.disabled) throw refuse('invalid_client', 'client_disabled');
  await proveByRegisteredMethod(as, client, form, request);
  return client;
}

// One method per client: a request that brings the proof of another was made by somebody who believes in another
// registration than ours, and which of the two counts must not be left to guessing.
async function proveByRegisteredMethod(
  as: Engine,
  client: RegisteredClient,
  form: Parameters,
  { peer }: EndpointRequest,
): Promise<void> {
  const { authentication } = client;
  if (authentication.method === 'private_key_jwt') return authenticateByAssertion(as, client, authentication, form);
  const other = ['client_assertion', 'client_assertion_type'].find((name) => form.has(name));
  if (other !== undefined) throw mismatch(other);
  if (authentication.method === 'tls_client_auth') authenticateByCertificate(authentication, peer, as.clock.now());
  else await authenticateBySelfSignedCertificate(as, client, peer);
}

// FAPI2-SP-FINAL-5.3.2.1-6: no shared secret, in whatever place.
function refuseSecrets(form: Parameters, request: EndpointRequest): void {
  const [header] = request.authorization;
  // RFC6749-5.2: a client that used the Authorization header is answered with the scheme it used.
  if (header !== undefined) throw mismatch('authorization header', /^[A-Za-z]+/.exec(header)?.[0] ?? 'Basic');
  if (form.has('client_secret')) throw mismatch('client_secret');
}

// RFC7521-4.2 [PAR-05]: with an assertion `client_id` may be left out, for the assertion names its subject; when both are
// there, they name the same client.
async function claimedClient(as: Engine, form: Parameters): Promise<RegisteredClient> {
  const assertion = form.get('client_assertion');
  const subject = assertion === undefined ? undefined : claimedIssuer(assertion);
  const clientId = form.get('client_id') ?? subject;
  if (clientId === undefined) throw refuse('invalid_client', 'client_id_missing');
  const client = await as.clients.find(clientId);
  if (client === undefined)
    throw refuse('invalid_client', 'client_unknown', { evidence: { claimed: clientId.slice(0, 64) } });
  return client;
}

const mismatch = (found: string, challenge?: string) =>
  refuse('invalid_client', 'client_authentication_method_mismatch', {
    evidence: { found },
    ...(challenge === undefined ? {} : { challenge }),
  });
