import { describe } from 'vitest';
import { authorizationStateContract } from './authorization-state-contract.ts';
import { cibaStateContract } from './ciba-state-contract.ts';
import { clientRevocationContract } from './client-revocation-contract.ts';
import { MemoryState } from './memory-state.ts';

describe('the state in memory', () => {
  const open = () => {
    const state = new MemoryState();
    return Promise.resolve({ state, replica: () => Promise.resolve(state) });
  };
  authorizationStateContract(open);
  cibaStateContract(open);
  clientRevocationContract(open);
});
