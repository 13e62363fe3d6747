export { authorizationStateContract } from './authorization-state-contract.ts';
export { MemoryState } from './memory-state.ts';
