import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import { clientFileSchema } from '../client/client-file.ts';
import type { ClientFile } from '../client/client-file.ts';
import { keyFileOf, readKeyMaterial } from './ensure-test-clients.ts';
import type { KeyMaterial } from './key-material.ts';
import { testClients } from './registry.ts';
import type { TestClient, TestClientRegistry } from './registry.ts';

/** Where the platform is that the client is exported for. */
export interface Deployment {
  readonly home: string;
  readonly issuer: string;
  /** Base URL of the bank's API. */
  readonly bank: string;
}

const ACTIONS = ['list_accounts', 'read_balances', 'read_transactions'];

/**
 * A test client with everything a suite has to know: its private keys and certificate, the authorities of the servers, where
 * they are, what to ask for. What `npm run client` reads.
 *
 * @throws MtlsConfigError when there is no such client, or its keys have not been made
 */
export function exportTestClient(name: string, registry: TestClientRegistry, deployment: Deployment): ClientFile {
  const clients = testClients(registry);
  const client = clients.find((each) => each.name === name);
  if (client === undefined)
    throw new MtlsConfigError(
      `"${name}" is no test client`,
      `name one of ${clients.map((each) => each.name).join(', ')}`,
    );
  const file = keyFileOf(deployment.home, name);
  if (!existsSync(file))
    throw new MtlsConfigError(`the keys of ${name} have not been made in ${deployment.home}`, 'run npm start once');
  return clientFileSchema.parse(described(client, readKeyMaterial(file), registry, deployment));
}

function described(client: TestClient, material: KeyMaterial, registry: TestClientRegistry, deployment: Deployment) {
  const { name, profile, method, bound, algorithm } = client;
  return {
    issuer: deployment.issuer,
    client_id: name,
    profile,
    token_endpoint_auth_method: method,
    ...(method === 'private_key_jwt' ? { token_endpoint_auth_signing_alg: algorithm } : {}),
    sender_constraint: bound.includes('dpop') ? 'dpop' : 'mtls',
    jwks: { keys: [material.signingKey] },
    ...(material.certificate === undefined ? {} : { certificate: material.certificate, key: material.key }),
    trust: readFileSync(join(deployment.home, 'pki/trust/web.pem'), 'utf8'),
    ...(profile === 'fapi-ciba' ? {} : { redirect_uri: client.redirectUris.at(-1) }),
    scope: 'openid profile',
    authorization_details: [{ type: 'account_information', actions: ACTIONS, locations: [deployment.bank] }],
    resource: `${deployment.bank}/accounts`,
    // The bank serves people; what a client may do by itself is done at the authorization server.
    client_credentials: { scope: 'grant_management_query', resource: null },
    ...responseModeOf(client),
    request_object_signing_alg: algorithm,
    id_token_signed_response_alg: algorithm,
    authorization_signed_response_alg: algorithm,
    login: registry.login,
    ...cibaOf(client, registry, deployment),
  };
}

/** Signed answers where the profile has them; a client may ask for another mode of its profile. */
const responseModeOf = ({ profile }: TestClient): { response_mode?: string } =>
  profile === 'fapi2-message-signing' || profile === 'fapi1-advanced' ? { response_mode: 'jwt' } : {};

function cibaOf({ profile, delivery }: TestClient, registry: TestClientRegistry, { home, issuer }: Deployment) {
  if (profile !== 'fapi-ciba') return {};
  const ciba = {
    login_hint: registry.login.name,
    binding_message: 'Harbour 4821',
    approval_page: `${issuer}/approvals`,
  };
  if (delivery !== 'ping') return { ciba };
  const listener = join(home, 'pki/test-clients/notification');
  return {
    ciba: {
      ...ciba,
      backchannel_client_notification_endpoint: registry.notificationEndpoint,
      notification: {
        certificate: readFileSync(`${listener}.crt`, 'utf8'),
        key: readFileSync(`${listener}.key`, 'utf8'),
      },
    },
  };
}
