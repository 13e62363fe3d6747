import { epochSeconds } from '../../clock.ts';
import { formatScope } from '../../wire/scope.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import { ENDPOINT_PATHS } from '../metadata/endpoints.ts';
import type { VouchedClient } from './vouched-client.ts';

/** What a client is told of its registration. RFC7591-3.2.1, RFC7592-3. */
export interface ClientInformation extends Readonly<Record<string, unknown>> {
  readonly client_id: string;
  /** Epoch seconds. */
  readonly client_id_issued_at: number;
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
  readonly software_statement: string;
}

/**
 * The registration as it stands, with what the server has chosen where the client said nothing. RFC7591-3.2.1
 * @param token the registration access token: new, or the one this request was made with
 */
export function clientInformation(
  as: Pick<Engine, 'mtlsBase'>,
  { client, registration }: VouchedClient,
  token: string,
): ClientInformation {
  return {
    ...registration.metadata,
    ...chosen(client),
    client_id: client.id,
    client_id_issued_at: epochSeconds(registration.issuedAt),
    registration_access_token: token,
    registration_client_uri: `${as.mtlsBase}${ENDPOINT_PATHS.registration}/${client.id}`,
    software_statement: registration.statement,
  };
}

function chosen(client: RegisteredClient): Readonly<Record<string, unknown>> {
  const { authentication } = client;
  return {
    redirect_uris: client.redirectUris,
    response_types: client.responseTypes,
    grant_types: client.grantTypes,
    ...(client.scopes.length === 0 ? {} : { scope: formatScope(client.scopes) }),
    ...(authentication.method === 'private_key_jwt'
      ? { token_endpoint_auth_signing_alg: authentication.algorithm }
      : {}),
    tls_client_certificate_bound_access_tokens: client.senderConstraints.includes('mtls'),
    dpop_bound_access_tokens: client.senderConstraints.includes('dpop'),
    request_object_signing_alg: client.requestObjectAlgorithm,
    id_token_signed_response_alg: client.idTokenAlgorithm,
    authorization_signed_response_alg: client.authorizationResponseAlgorithm,
    introspection_signed_response_alg: client.introspectionAlgorithm,
  };
}
