import { readFile } from 'node:fs/promises';
import { audited } from '@holdfast/fapi';
import type { Audit, Trail } from '@holdfast/fapi';
import { FAPI2_SECURITY, importSigningKeys } from '@holdfast/fapi/as';
import type { ConsentHolder, EndpointRequest, Engine, ResourceRequest, SigningKeys } from '@holdfast/fapi/as';
import { authorizationOf, formOf, interactionOf, peerOf, StartUpError } from '@holdfast/host';
import type { ProcessContext } from '@holdfast/host';
import type { Store } from '@holdfast/store';
import type { FastifyRequest } from 'fastify';
import { clientsFrom } from './clients/client-registry.ts';
import type { Config } from './config.ts';
import type { PeopleDirectory } from './people/people.ts';
import { authorizationState } from './state/authorization-state.ts';
import type { AuthorizationTables } from './state/schema.ts';

/** Injection token of the engine. */
export const ENGINE = Symbol('engine');

/** Gives the engine its parts. */
export async function buildEngine(
  ctx: ProcessContext<Config>,
  store: Store<AuthorizationTables>,
  people: PeopleDirectory,
  consents: ConsentHolder,
): Promise<Engine> {
  const { config } = ctx;
  return {
    profile: FAPI2_SECURITY,
    issuer: config.issuer,
    mtlsBase: config.mtlsBase,
    detailTypes: config.authorizationDetails,
    clients: clientsFrom(config.clients, config.authorizationDetails, ctx.path(config.mtls.clientTrust)),
    state: authorizationState(store),
    keys: await loadSigningKeys(ctx.path(config.signingKeys)),
    consents,
    people,
    clock: ctx.clock,
    random: ctx.random,
    audit: ctx.audit,
  };
}

async function loadSigningKeys(file: string): Promise<SigningKeys> {
  try {
    return await importSigningKeys(JSON.parse(await readFile(file, 'utf8')) as Parameters<typeof importSigningKeys>[0]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartUpError(
      `the token signing keys ${file} cannot be used: ${why}`,
      'Run `npm start`, which makes them.',
    );
  }
}

/**
 * A back-channel request, as the engine wants it. A request that cannot even be read is refused here, and written down under
 * the action it was meant for.
 */
export async function endpointRequest(
  engine: Engine,
  action: string,
  request: FastifyRequest,
): Promise<EndpointRequest> {
  return {
    form: await auditedRefusal(engine.audit, action, request, () => formOf(request)),
    authorization: authorizationOf(request),
    peer: peerOf(request),
    interaction: interactionOf(request),
  };
}

/** A resource request, as the engine wants it. */
export const resourceRequest = (request: FastifyRequest): ResourceRequest => ({
  authorization: authorizationOf(request),
  method: request.method,
  url: request.raw.url ?? '/',
  peer: peerOf(request),
  interaction: interactionOf(request),
});

/** Runs a check of this shell: its refusal is written down; what it lets on, the rule behind it writes down. */
export function auditedRefusal<T>(
  audit: Audit,
  action: string,
  request: FastifyRequest,
  check: () => T | Promise<T>,
  known: Trail = {},
): Promise<T> {
  const refusalsOnly: Audit = (event) => {
    if (event.outcome === 'refused') audit(event);
  };
  return audited(refusalsOnly, action, { interaction: interactionOf(request), ...known }, check);
}
