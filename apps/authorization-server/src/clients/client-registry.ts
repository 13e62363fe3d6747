import { existsSync, readFileSync } from 'node:fs';
import { OAuthError } from '@holdfast/fapi';
import { CLIENT_METADATA_MEMBERS, clientFromMetadata, PROFILE } from '@holdfast/fapi/as';
import type { ClientRegistry, RegisteredClient } from '@holdfast/fapi/as';
import { StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import type { IssuerPin, TrustSource } from '@holdfast/mtls';
import type { ClientConfig, Config } from '../config.ts';
import { clientFile } from '../config.ts';
import { isPermitted } from '../outbound/permitted-url.ts';
import { authorityNamed, authorityNames } from './authorities.ts';

/** The clients of the configuration, and who they are. */
export interface ConfiguredClients extends ClientRegistry {
  readonly all: readonly RegisteredClient[];
  /** Ids of those that are switched off. */
  readonly disabled: readonly string[];
}

/**
 * The clients of the configuration and of the files it names.
 * @param participants the authorities of client certificates
 * @throws StartUpError when a registration is not valid, names an authority that is not among them, or two share an id
 */
export function clientsFrom(
  ctx: Pick<ProcessContext<Config>, 'config' | 'path'>,
  participants: TrustSource,
): ConfiguredClients {
  const { config } = ctx;
  const configured = [...config.clients, ...config.clientFiles.flatMap((file) => clientsIn(ctx.path(file)))];
  const clients = new Map(
    configured.map((client) => [client.client_id, register(withKeys(client, ctx), config, participants)] as const),
  );
  if (clients.size !== configured.length)
    throw new StartUpError('two clients share one id', 'Give each client in the configuration an id of its own.');
  const all = [...clients.values()];
  const disabled = all.filter((client) => client.disabled).map(({ id }) => id);
  return { all, disabled, find: (clientId) => Promise.resolve(clients.get(clientId)) };
}

function clientsIn(file: string): readonly ClientConfig[] {
  if (!existsSync(file)) return [];
  try {
    return clientFile.parse(JSON.parse(readFileSync(file, 'utf8'))).clients;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartUpError(
      `the client file ${file} cannot be used: ${why}`,
      'Correct it, or remove it and start again.',
    );
  }
}

/** RFC7591-2: keys that lie in a file of their own are the member `jwks`, and are judged as if they stood there. */
function withKeys(client: ClientConfig, ctx: Pick<ProcessContext<Config>, 'path'>): ClientConfig {
  const { jwksFile, metadata, client_id: clientId } = client;
  if (jwksFile === undefined) return client;
  if ('jwks' in metadata) throw unfit(clientId, 'it has keys in its metadata and in a file');
  try {
    const jwks: unknown = JSON.parse(readFileSync(ctx.path(jwksFile), 'utf8'));
    return { ...client, metadata: { ...metadata, jwks } };
  } catch (error) {
    throw unfit(clientId, `its keys cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function register(
  client: ClientConfig,
  { authorizationDetails, profiles, outbound }: Config,
  participants: TrustSource,
): RegisteredClient {
  const { client_id: clientId, profile: profileName, metadata } = client;
  if (!profiles.includes(profileName)) throw unfit(clientId, `its profile ${profileName} is not in force here`);
  // A registration over the wire may carry members nobody knows; whoever writes a configuration wants to be told.
  const unknown = Object.keys(metadata).find((member) => !CLIENT_METADATA_MEMBERS.includes(member));
  if (unknown !== undefined) throw unfit(clientId, `nobody knows the member "${unknown}"`);
  const terms = { clientId, profileName, profile: PROFILE, detailTypes: authorizationDetails };
  try {
    const registered = clientFromMetadata(metadata, { ...terms, authority: authorityOf(client, participants) });
    checkKeysReachable(registered, outbound?.hosts ?? []);
    const before = client.replaceRefreshTokensIssuedBefore;
    return {
      ...registered,
      disabled: client.disabled,
      ...(before === undefined ? {} : { replaceRefreshTokensIssuedBefore: new Date(before) }),
    };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    throw unfit(clientId, `${error.description}: ${Object.values(error.evidence).join(', ')}`);
  }
}

function checkKeysReachable({ id, jwks }: RegisteredClient, hosts: readonly string[]): void {
  if (jwks.kind === 'remote' && !isPermitted(jwks.uri, hosts))
    throw unfit(id, `its jwks_uri ${jwks.uri} is not among the hosts of "outbound"`);
}

const unfit = (clientId: string, problem: string): StartUpError =>
  new StartUpError(`client ${clientId} cannot be registered: ${problem}`, 'Correct its entry in the configuration.');

function authorityOf({ client_id: clientId, authority }: ClientConfig, trust: TrustSource): IssuerPin | undefined {
  if (authority === undefined) return undefined;
  const known = authorityNames(trust);
  if (known.includes(authority)) return authorityNamed(trust, authority);
  throw new StartUpError(
    `client ${clientId} is registered under the authority "${authority}", which the participants' trust does not hold`,
    `Name one of: ${known.join(', ')}.`,
  );
}
