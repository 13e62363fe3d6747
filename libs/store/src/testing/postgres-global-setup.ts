import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';
import type { PostgresAddress } from './postgres-server.ts';

/** What one test run shares between its workers. */
export interface TestDatabases {
  readonly postgres: PostgresAddress;
  /** A private folder for SQLite files. */
  readonly folder: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    holdfastDatabases: TestDatabases;
  }
}

/**
 * Vitest's global set-up: one PostgreSQL and one folder per test run, gone when it ends. A project that calls
 * `storesUnderTest()` names this file in its vitest.config.ts:
 * `test: { globalSetup: ['../../libs/store/src/testing/postgres-global-setup.ts'] }`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  project.provide('holdfastDatabases', { postgres: server.address, folder });
  return async () => {
    removeFolder();
    await server.stop();
  };
}
