export { databaseOf, storesUnderTest } from './stores-under-test.ts';
export type { EngineUnderTest, TestDatabase } from './stores-under-test.ts';
export { startReplica } from './replica.ts';
export type { Replica, ReplicaCommand } from './replica.ts';
export { singleUseContract } from './single-use-contract.ts';
export { createDatabase, startPostgres } from './postgres-server.ts';
export type { PostgresServer } from './postgres-server.ts';
