import type { ClientRegistry, DetailType, RegisteredClient } from '@holdfast/fapi/as';
import { loadTrust, parsePeerCertificate } from '@holdfast/mtls';
import { StartUpError } from '@holdfast/host';
import type { ClientConfig } from '../config.ts';

/**
 * The clients of the configuration.
 *
 * @param trustFile where a configured issuing authority is looked up: the bundle the mTLS listener trusts
 * @throws StartUpError when a client names an authority that is not in the bundle, or two clients share an id
 */
export function clientsFrom(
  configured: readonly ClientConfig[],
  detailTypes: readonly DetailType[],
  trustFile: string,
): ClientRegistry {
  const authorities = authoritiesIn(trustFile);
  const clients = new Map(configured.map((client) => [client.id, register(client, detailTypes, authorities)] as const));
  if (clients.size !== configured.length)
    throw new StartUpError('two clients share one id', 'Give each client in the configuration an id of its own.');
  return { find: (clientId) => Promise.resolve(clients.get(clientId)) };
}

function register(
  client: ClientConfig,
  detailTypes: readonly DetailType[],
  authorities: ReadonlyMap<string, Buffer>,
): RegisteredClient {
  const { issuer, ...subject } = client.tlsClientAuth;
  const authority = authorities.get(issuer);
  if (authority === undefined)
    throw new StartUpError(
      `client ${client.id} is registered under the authority "${issuer}", which the participants' trust does not hold`,
      `Name one of: ${[...authorities.keys()].join(', ')}.`,
    );
  return {
    id: client.id,
    name: client.name,
    profile: 'fapi2-security',
    authentication: { method: 'tls_client_auth', subject, issuer: authority },
    redirectUris: client.redirectUris,
    scopes: client.scopes,
    detailTypes: detailTypes.filter(({ type }) => client.authorizationDetailsTypes.includes(type)),
    grantTypes: client.grantTypes,
    ...(client.replaceRefreshTokensIssuedBefore === undefined
      ? {}
      : { replaceRefreshTokensIssuedBefore: new Date(client.replaceRefreshTokensIssuedBefore) }),
  };
}

/** Authorities of the trust bundle by their common name; pinned by key, so the name only finds them. */
function authoritiesIn(trustFile: string): ReadonlyMap<string, Buffer> {
  return new Map(
    loadTrust(trustFile).certificates.map(({ raw }) => {
      const { subject } = parsePeerCertificate(raw);
      return [commonName(subject), raw] as const;
    }),
  );
}

function commonName(subject: ReturnType<typeof parsePeerCertificate>['subject']): string {
  const attributes = subject.flat();
  return attributes.find(({ type }) => type === '2.5.4.3')?.text ?? '';
}
