export { createResourceServer } from './verify-request.ts';
export type {
  ProofJudging,
  ResourceRequest,
  ResourceServer,
  ResourceServerDependencies,
  RevocationView,
  VerifiedCaller,
} from './verify-request.ts';
export { dpopNonces } from '../wire/dpop-nonce.ts';
export type { DpopNonces } from '../wire/dpop-nonce.ts';
export type { ProofReplays } from '../wire/dpop-proof.ts';
export { DPOP } from '../profile.ts';
export { requireDetail } from './details.ts';
export type { KeySource } from '../wire/access-token.ts';
export type { AuthorizationDetail } from '../wire/authorization-details.ts';
