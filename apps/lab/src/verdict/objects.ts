import { randomBytes } from 'node:crypto';
import type { SigningClient } from '../real/signing-client.ts';
import type { Json, JwsOptions, SigningKey } from '../wire/jws.ts';
import type { Changes, PushAttempt } from './flow.ts';
import { changed, taken } from './flow.ts';
import type { VerdictWorld } from './verdict-world.ts';

/** How a request object differs from the honest one. */
export interface ObjectChanges {
  readonly client?: SigningClient;
  /** Of the request itself. */
  readonly parameters?: Changes;
  /** Claims, whatever they are; `undefined` leaves one out. */
  readonly claims?: Json;
  readonly signing?: JwsOptions & { readonly key?: SigningKey };
  /** Fields of the form, beside the object. */
  readonly form?: Changes;
}

/** Pushes a request object that differs from the honest one. RFC9126-3 */
export async function pushObject(world: VerdictWorld, changes: ObjectChanges = {}): Promise<PushAttempt> {
  const { client = world.real.signing, parameters = {}, claims = {}, signing = {}, form = {} } = changes;
  const verifier = client.newVerifier();
  const asked = changed(client.authorizationRequest(verifier, randomBytes(16).toString('base64url')), parameters);
  const object = client.requestObject(asked, claims, signing);
  const fields = changed(
    [
      ['client_id', client.clientId],
      ['request', object],
    ],
    form,
  );
  return { client, verifier, exchange: await client.call(world.real.discovery.mtls.par, fields) };
}

/**
 * A refusal says something only of a client whose honest object is taken.
 * @throws Error when it is not
 */
export function honestObject(world: VerdictWorld, client: SigningClient): Promise<unknown> {
  return world.once(`object of ${client.clientId}`, async () => taken(await pushObject(world, { client })));
}

/** Seconds since 1970, some seconds from now. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
