export { authorizationStateContract } from './authorization-state-contract.ts';
export { cibaStateContract } from './ciba-state-contract.ts';
export { clientRegistrationsContract } from './client-registrations-contract.ts';
export { clientRevocationContract } from './client-revocation-contract.ts';
export { clientSigner, sign } from './client-signer.ts';
export type { ClientSigner } from './client-signer.ts';
export { DpopProver } from './dpop-prover.ts';
export type { ProofOccasion } from './dpop-prover.ts';
export { MemoryState } from './memory-state.ts';
