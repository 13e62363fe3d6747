export { exportTestClient } from './export.ts';
export type { Deployment } from './export.ts';
export { readTestClientRegistry, testClients } from './registry.ts';
export type { TestClient } from './registry.ts';
