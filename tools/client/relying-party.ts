import * as oauth from 'oauth4webapi';
import type { ClientFile } from './client-file.ts';
import { clientAuthentication, proofOfPossession } from './client-keys.ts';
import type { Connections } from './connection.ts';
import type { LoadedClient } from './load-client.ts';
import type { Steps } from './steps.ts';

/** What a run is given. */
export interface Run {
  readonly loaded: LoadedClient;
  readonly connections: Connections;
  readonly steps: Steps;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** This client, able to speak: its registration as the library knows it, its credentials, its connections. */
export interface RelyingParty extends Run {
  readonly file: ClientFile;
  readonly client: oauth.Client;
  readonly auth: oauth.ClientAuth;
  readonly dpop: oauth.DPoPHandle | undefined;
}

/** A relying party that knows its server. */
export interface Party extends RelyingParty {
  readonly server: oauth.AuthorizationServer;
}

/** Our choice, no clause: how far two clocks may be apart, in seconds. */
export const CLOCK_TOLERANCE = 10;

/** @throws PlatformTrouble when a key of the file cannot be used */
export async function relyingParty(run: Run): Promise<RelyingParty> {
  const { file } = run.loaded;
  const client: oauth.Client = {
    client_id: file.client_id,
    // RFC8705-5: the other names of the endpoints are where a certificate is asked for.
    use_mtls_endpoint_aliases: usesCertificate(file),
    [oauth.clockTolerance]: CLOCK_TOLERANCE,
    ...registered('id_token_signed_response_alg', file.id_token_signed_response_alg),
    ...registered(
      'authorization_signed_response_alg',
      file.authorization_signed_response_alg ?? file.id_token_signed_response_alg,
    ),
  };
  return {
    ...run,
    file,
    client,
    auth: await clientAuthentication(file),
    dpop: await proofOfPossession(file, client),
  };
}

const registered = (name: string, value: string | undefined): object => (value === undefined ? {} : { [name]: value });

export const usesCertificate = (file: ClientFile): boolean =>
  file.token_endpoint_auth_method !== 'private_key_jwt' || file.sender_constraint === 'mtls';

/** The options of a direct call, with a proof of possession where tokens are bound to a key. */
export function direct({ connections, dpop }: RelyingParty) {
  return { [oauth.customFetch]: connections.backChannel, ...(dpop === undefined ? {} : { DPoP: dpop }) };
}

/** The options of a direct call that carries no proof: keys of the server, introspection, revocation. */
export function plain({ connections }: Run) {
  return { [oauth.customFetch]: connections.backChannel };
}

/**
 * RFC9449-8: a server may want its own nonce in the proof, which the library has kept by now; asked for once, not without
 * end.
 */
export async function withNonce<T>(party: RelyingParty, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (party.dpop === undefined || !(oauth.isDPoPNonceError(error) || oauth.isDPoPNonceError(cause))) throw error;
    return work();
  }
}
