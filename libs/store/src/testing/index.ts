export { databaseOf, storesUnderTest } from './stores-under-test.ts';
export type { EngineUnderTest, TestDatabase } from './stores-under-test.ts';
export { singleUseContract } from './single-use-contract.ts';
