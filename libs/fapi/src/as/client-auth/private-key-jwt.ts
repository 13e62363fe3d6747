import { refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import { POLICIES } from '../../profile.ts';
import { CLIENT_ASSERTION_TYPE, verifyClientAssertion } from '../../wire/client-assertion.ts';
import type { ClientAuthentication, RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import { assertionEndpoints } from '../metadata/endpoints.ts';
import { clientKey } from './client-keys.ts';

/**
 * OIDC-CORE-9, RFC7523-2.2: the request carries an assertion signed by the client, made for this server, fresh, and never
 * seen before. RFC7523-3-7 [TOK-10]: its `jti` is taken in the store, so that a captured assertion is worth nothing at
 * another endpoint, at another replica, or after a restart.
 *
 * @throws OAuthError `invalid_client`
 */
export async function authenticateByAssertion(
  as: Engine,
  client: RegisteredClient,
  { algorithm }: Extract<ClientAuthentication, { method: 'private_key_jwt' }>,
  form: Parameters,
): Promise<void> {
  const assertion = form.get('client_assertion');
  if (assertion === undefined) throw refuse('invalid_client', 'client_assertion_missing');
  if (form.get('client_assertion_type') !== CLIENT_ASSERTION_TYPE)
    throw refuse('invalid_client', 'client_assertion_type_unsupported');
  const endpoints = POLICIES[client.profile].assertionAudience === 'issuer' ? [] : assertionEndpoints(as);
  const { jti, forgetAfter } = await verifyClientAssertion(assertion, {
    clientId: client.id,
    algorithm,
    key: (header) => clientKey(as, client, header),
    audience: { issuer: as.issuer, endpoints },
    maxLifetime: as.profile.assertionMaxLifetime,
    maxLength: as.profile.clientJwtMaxLength,
    now: as.clock.now(),
  });
  if (!(await as.state.recordAssertion(client.id, jti, forgetAfter)))
    throw refuse('invalid_client', 'client_assertion_replayed');
}
