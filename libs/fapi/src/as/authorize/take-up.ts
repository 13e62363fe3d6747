import { audited } from '../../audit.ts';
import type { Reason } from '../../errors.ts';
import { refuse } from '../../errors.ts';
import type { FormPairs, Parameters } from '../../form.ts';
import { readForm } from '../../form.ts';
import { isRequestUri } from '../../wire/request-uri.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import type { PushedRequest } from '../state.ts';

/** A pushed request that a browser has brought to the authorization endpoint. */
export interface PendingRequest {
  readonly requestUri: string;
  readonly client: RegisteredClient;
  readonly request: PushedRequest;
}

/**
 * Takes a pushed request up at the authorization endpoint. FAPI2-SP-FINAL-5.3.2.2-3 [AUTH-03], RFC9126-4 [AUTH-01] [AUTH-02]
 * [AUTH-07] [AUTH-08].
 *
 * Only `client_id` and `request_uri` are read. Whatever else stands in the address bar is never merged with what was
 * pushed: editing the URL must edit nothing. The request is looked at and not used up, so a reload or a link scanner
 * does not burn it.
 *
 * @throws OAuthError to be shown as a local page; until the request is found, no redirect URI is trustworthy,
 *   RFC6749-4.1.2.1 [AUTH-04]
 */
export function takeUpRequest(as: Engine, query: FormPairs): Promise<PendingRequest> {
  return audited(as.audit, 'authorize.take_up', {}, async (trail) => {
    const parameters = readQuery(query);
    const client = await claimedClient(as, parameters);
    trail.client = client.id;
    const requestUri = parameters.get('request_uri');
    if (requestUri === undefined) throw refuse('invalid_request', 'request_not_pushed', { show: 'page' });
    const pending = await findPending(as, client, requestUri);
    if (pending.request.usableUntil <= as.clock.now().getTime()) throw notUsable('request_uri_expired');
    return pending;
  });
}

/**
 * Finds a pushed request again while its person logs in and decides.
 * @throws OAuthError `invalid_request_uri`, or `unauthorized_client` when the client was switched off; shown as a local page
 */
export async function findPending(as: Engine, client: RegisteredClient, requestUri: string): Promise<PendingRequest> {
  // Asked at every step, so that a client switched off meanwhile gets no code for a page that is open already.
  if (client.disabled) throw refuse('unauthorized_client', 'client_disabled', { show: 'page' });
  if (!isRequestUri(requestUri)) throw notUsable('request_uri_malformed');
  const found = await as.state.findPushedRequest(requestUri, as.clock.now());
  if (found === undefined) throw notUsable('request_uri_unknown');
  // RFC9126-2.2 [AUTH-05] [AUTH-06] [AUTH-09]: bound to the client that pushed it. Refused, and left usable for its owner.
  if (found.request.clientId !== client.id) throw notUsable('request_uri_foreign');
  if (found.used) throw notUsable('request_uri_used');
  return { requestUri, client, request: found.request };
}

/** `invalid_request_uri` as a local page, whatever the precise reason. */
export const notUsable = (reason: Reason) => refuse('invalid_request_uri', reason, { show: 'page' });

function readQuery(query: FormPairs): Parameters {
  // The same refusal as on the back channel, but a person is looking at it.
  const names = query.map(([name]) => name);
  if (new Set(names).size !== names.length) throw refuse('invalid_request', 'parameter_repeated', { show: 'page' });
  return readForm(query);
}

async function claimedClient(as: Engine, parameters: Parameters): Promise<RegisteredClient> {
  const clientId = parameters.get('client_id');
  if (clientId === undefined) throw refuse('invalid_request', 'client_id_missing', { show: 'page' });
  const client = await as.clients.find(clientId);
  if (client === undefined) throw refuse('invalid_request', 'client_not_registered', { show: 'page' });
  return client;
}
