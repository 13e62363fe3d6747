import { describe } from 'vitest';
import { authorizationStateContract } from './authorization-state-contract.ts';
import { MemoryState } from './memory-state.ts';

describe('the state in memory', () => {
  authorizationStateContract(() => {
    const state = new MemoryState();
    return Promise.resolve({ state, replica: () => Promise.resolve(state) });
  });
});
