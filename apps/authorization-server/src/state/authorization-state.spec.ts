import { authorizationStateContract, cibaStateContract, clientRevocationContract } from '@holdfast/fapi/testing';
import { storesUnderTest } from '@holdfast/store/testing';
import { describe } from 'vitest';
import { authorizationState } from './authorization-state.ts';
import { migrations } from './schema.ts';
import type { AuthorizationTables } from './schema.ts';

describe.each(storesUnderTest())('the state on $name', ({ open }) => {
  const opened = async () => {
    const store = await open<AuthorizationTables>(migrations);
    return {
      state: authorizationState(store),
      replica: async () => authorizationState(await open<AuthorizationTables>(migrations, { sameAs: store })),
    };
  };
  authorizationStateContract(opened);
  cibaStateContract(opened);
  clientRevocationContract(opened);
});
