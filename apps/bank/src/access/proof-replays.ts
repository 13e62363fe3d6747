import type { ProofReplays } from '@holdfast/fapi/rs';
import type { SingleUse } from '@holdfast/store';

const DPOP_PROOF = 'dpop_proof';

/** The proofs this bank has seen, in its store: the same for every replica, and after a restart. */
export function proofReplays(singleUse: SingleUse): ProofReplays {
  return {
    recordProof: (jkt, jti, until) => singleUse.recordOnce(DPOP_PROOF, JSON.stringify([jkt, jti]), until),
  };
}
