import { audited } from '@holdfast/fapi';
import type { Audit, FormPairs, Trail } from '@holdfast/fapi';
import { DPOP, dpopNonces, PROFILE } from '@holdfast/fapi/as';
import type {
  ClientNotifier,
  ConsentHolder,
  EndpointRequest,
  Engine,
  ResourceRequest,
  SigningKeys,
} from '@holdfast/fapi/as';
import { authorizationOf, dpopOf, formOf, interactionOf, loadSecretKey, peerOf } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import type { LiveTrust } from '@holdfast/mtls';
import type { Store } from '@holdfast/store';
import type { FastifyRequest } from 'fastify';
import { allClients } from './clients/all-clients.ts';
import { clientsFrom } from './clients/client-registry.ts';
import type { ConfiguredClients } from './clients/client-registry.ts';
import type { Config } from './config.ts';
import { outboundFrom } from './outbound/outbound-from.ts';
import { PublishedKeys } from './outbound/remote-jwks.ts';
import type { PeopleDirectory } from './people/people.ts';
import { registrationFrom } from './registration/registration-from.ts';
import { authorizationState } from './state/authorization-state.ts';
import type { AuthorizationTables } from './state/schema.ts';

/** Injection token of the engine. */
export const ENGINE = Symbol('engine');

/** Gives the engine its parts. */
export function buildEngine(
  ctx: ProcessContext<Config>,
  trust: Pick<LiveTrust, 'of'>,
  store: Store<AuthorizationTables>,
  keys: SigningKeys,
  people: PeopleDirectory,
  consents: ConsentHolder,
  notifier: ClientNotifier,
  configured: ConfiguredClients = clientsFrom(ctx, trust.of('participants').trust),
): Engine {
  const { config } = ctx;
  const terms = { profile: PROFILE, profiles: config.profiles, detailTypes: config.authorizationDetails };
  const registration = registrationFrom(ctx, store, configured, trust.of('participants').trust);
  return {
    ...terms,
    issuer: config.issuer,
    mtlsBase: config.mtlsBase,
    clients: allClients(configured, registration, terms, config.registration?.disabled ?? []),
    ...(registration === undefined ? {} : { registration }),
    remoteJwks: new PublishedKeys(outboundFrom(ctx, trust.of('web')), ctx.clock),
    state: authorizationState(store),
    keys,
    consents,
    people,
    notifier,
    dpopNonces: dpopNonces(loadSecretKey(ctx.path(config.dpopNonceKey)), DPOP.nonceStepSeconds),
    clock: ctx.clock,
    random: ctx.random,
    audit: ctx.audit,
  };
}

/**
 * A back-channel request, as the engine wants it. A request that cannot even be read is refused here, and written down under
 * the action it was meant for.
 */
export async function endpointRequest(
  engine: Engine,
  action: string,
  request: FastifyRequest,
  read: (request: FastifyRequest) => FormPairs = formOf,
): Promise<EndpointRequest> {
  return {
    form: await auditedRefusal(engine.audit, action, request, () => read(request)),
    authorization: authorizationOf(request),
    dpop: dpopOf(request),
    peer: peerOf(request),
    ...(request.headers.accept === undefined ? {} : { accept: request.headers.accept }),
    interaction: interactionOf(request),
  };
}

/** A resource request, as the engine wants it. */
export const resourceRequest = (request: FastifyRequest): ResourceRequest => ({
  authorization: authorizationOf(request),
  dpop: dpopOf(request),
  method: request.method,
  url: request.raw.url ?? '/',
  peer: peerOf(request),
  interaction: interactionOf(request),
});

/** The engine for one request of a browser: whatever it decides is written down under the reference that the page shows. */
export const engineFor = (engine: Engine, request: FastifyRequest): Engine => ({
  ...engine,
  audit: (event) => engine.audit({ interaction: interactionOf(request), ...event }),
});

/** Runs a check of this shell: its refusal is written down; what it lets on, the rule behind it writes down. */
export async function auditedRefusal<T>(
  audit: Audit,
  action: string,
  request: FastifyRequest,
  check: () => T | Promise<T>,
  known: Trail = {},
): Promise<T> {
  try {
    return await check();
  } catch (refusal) {
    return audited(audit, action, { interaction: interactionOf(request), ...known }, () => {
      throw refusal;
    });
  }
}
