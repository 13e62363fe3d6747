import type { AuthorizationState } from '@holdfast/fapi/as';
import type { Store } from '@holdfast/store';
import type { AuthorizationTables } from './schema.ts';

/**
 * What clients make and may use once: assertions by their `jti`, DPoP proofs by key and `jti`. Written as pairs, so that
 * nobody can choose an id that runs into somebody else's.
 */
export function usedOnce({
  singleUse,
}: Store<AuthorizationTables>): Pick<AuthorizationState, 'recordAssertion' | 'recordProof'> {
  return {
    recordAssertion: (clientId, jti, until) =>
      singleUse.recordOnce('client_assertion', JSON.stringify([clientId, jti]), until),
    recordProof: (jkt, jti, until) => singleUse.recordOnce('dpop_proof', JSON.stringify([jkt, jti]), until),
  };
}
