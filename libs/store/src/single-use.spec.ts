import { describe } from 'vitest';
import { singleUseContract, storesUnderTest } from './testing/index.ts';

describe.each(storesUnderTest())('on $name', ({ open }) => {
  singleUseContract(open);
});
