import { refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import { POLICIES } from '../../profile.ts';
import type { JwsClaims } from '../../wire/jws.ts';
import { verifyRequestObject } from '../../wire/request-object.ts';
import { clientKey } from '../client-auth/client-keys.ts';
import type { KeyHeader } from '../../wire/jws.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';

/** Claims of the object as a JWT; the rest are parameters. RFC9101-4. */
const JWT_CLAIMS = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub']);
/** Parameters that are JSON by themselves. OIDC-CORE-6.1, RFC9396-2. */
const JSON_PARAMETERS = new Set(['claims', 'authorization_details']);

/**
 * The parameters of an authorization request, from the one place where this client's profile puts them: the form, or a
 * signed object. They are never read from both (RFC9101-6.3 [PAR-27]): what stands beside the object was not signed.
 *
 * @throws OAuthError `invalid_request`, or `invalid_request_object` for any fault of the object
 */
export async function requestedParameters(as: Engine, client: RegisteredClient, form: Parameters): Promise<Parameters> {
  // RFC9126-2.1 [PAR-06]: a request_uri inside a pushed request would be fetched or resolved by somebody; nobody does.
  if (form.has('request_uri')) throw refuse('invalid_request', 'request_uri_not_accepted');
  const object = form.get('request');
  if (POLICIES[client.profile].requestObject === 'refused') {
    if (object !== undefined) throw refuse('invalid_request', 'request_object_not_accepted');
    return form;
  }
  // FAPI2-MS-FINAL-5.3.1-1 [POL-12] [PAR-11], FAPI1-ADV-5.2.2-1 [POL-13]: a client that must sign is not served unsigned.
  if (object === undefined) throw refuse('invalid_request', 'request_object_missing');
  return parametersIn(await verifyRequestObject(object, requestObjectExpectations(as, client)));
}

/** What a signed request of this client has to be. */
// RFC9126-3 [PAR-18]: its own key.
export const requestObjectExpectations = (as: Engine, client: RegisteredClient) => ({
  clientId: client.id,
  algorithm: client.requestObjectAlgorithm,
  key: (header: KeyHeader) => clientKey(as, client, header),
  issuer: as.issuer,
  maxAge: as.profile.requestObjectMaxAge,
  maxLength: as.profile.clientJwtMaxLength,
  now: as.clock.now(),
});

function parametersIn(claims: JwsClaims): Parameters {
  // RFC9101-4: the client says who it is inside the object too.
  if (claims['client_id'] === undefined) throw refuse('invalid_request_object', 'request_object_claims_missing');
  const parameters = new Map<string, string>();
  for (const [name, value] of Object.entries(claims)) {
    if (JWT_CLAIMS.has(name) || value === '') continue;
    parameters.set(name, asParameter(name, value));
  }
  return parameters;
}

function asParameter(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (JSON_PARAMETERS.has(name) && typeof value === 'object' && value !== null) return JSON.stringify(value);
  // OIDC-CORE-6.1: numbers are JSON numbers in the object.
  if (typeof value === 'number') return String(value);
  throw refuse('invalid_request_object', 'request_object_malformed', { evidence: { parameter: name.slice(0, 40) } });
}
