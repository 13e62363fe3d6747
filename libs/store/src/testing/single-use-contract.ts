import type { EngineUnderTest } from './stores-under-test.ts';

/** Declares the tests that every engine must pass: refusals, 50-way races, two replicas, death of a process. */
export function singleUseContract(open: EngineUnderTest['open']): void {
  throw new Error(`not built yet: ${open.name}`);
}
