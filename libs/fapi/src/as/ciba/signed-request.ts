import { OAuthError, refuse } from '../../errors.ts';
import type { Parameters } from '../../form.ts';
import { MAX_CLOCK_SKEW_SECONDS } from '../../profile.ts';
import type { JwsClaims } from '../../wire/jws.ts';
import { dateClaim } from '../../wire/jws.ts';
import { verifyRequestObject } from '../../wire/request-object.ts';
import type { RegisteredClient } from '../clients.ts';
import type { Engine } from '../engine.ts';
import { requestObjectExpectations } from '../par/requested-parameters.ts';

/** What authenticates the client, and the request itself: all that may stand in the form. */
const IN_THE_FORM = new Set(['request', 'client_id', 'client_assertion', 'client_assertion_type']);

/** A signed request that is good in itself; whether it was used before is for the store to say. */
export interface SignedRequest {
  readonly claims: JwsClaims;
  readonly jti: string;
  /** From here on nobody can use it any more, so nobody needs to remember it. */
  readonly forgetAfter: Date;
}

/**
 * Verifies the signed authentication request. CIBA-CORE-7.1.1 [CIBA-01], FAPI-CIBA-5.2.2-6: the person at the other device sees nothing
 * of the client but what is in it, so all of it is signed, and a signed request can be shown to somebody later.
 *
 * @throws OAuthError `invalid_request`: CIBA-CORE-13 knows no code of its own for a faulty object
 */
export async function verifySignedRequest(
  as: Engine,
  client: RegisteredClient,
  form: Parameters,
): Promise<SignedRequest> {
  const object = form.get('request');
  if (object === undefined) throw refuse('invalid_request', 'request_object_missing');
  // CIBA-CORE-7.1.1: parameters must not be present outside. Who reads them there reads what nobody signed.
  const beside = [...form.keys()].find((name) => !IN_THE_FORM.has(name));
  if (beside !== undefined)
    throw refuse('invalid_request', 'parameter_beside_request', { evidence: { parameter: beside.slice(0, 40) } });
  // CIBA-CORE-7.1.1 [CIBA-02] [CIBA-03]: for us and of this client, and good for an hour at most (FAPI-CIBA-5.2.2-9).
  const claims = await verifyRequestObject(object, requestObjectExpectations(as, client)).catch(asInvalidRequest);
  return { claims, ...usableOnce(claims) };
}

function asInvalidRequest(error: unknown): never {
  if (!(error instanceof OAuthError) || error.code !== 'invalid_request_object') throw error;
  throw refuse('invalid_request', error.reason, { evidence: error.evidence });
}

// CIBA-CORE-7.1.1 [CIBA-03] [CIBA-04]: `iat` and `jti` are required too. A request that came twice would make the phone ring twice.
function usableOnce(claims: JwsClaims): Pick<SignedRequest, 'jti' | 'forgetAfter'> {
  const { jti } = claims;
  const [exp, iat] = [dateClaim(claims, 'exp'), dateClaim(claims, 'iat')];
  if (typeof jti !== 'string' || jti === '' || jti.length > 256 || exp === undefined || iat === undefined)
    throw refuse('invalid_request', 'request_object_claims_missing', { evidence: { claim: 'iat or jti' } });
  return { jti, forgetAfter: new Date((exp + MAX_CLOCK_SKEW_SECONDS) * 1000) };
}
