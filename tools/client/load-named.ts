import { deploymentIn } from '../test-clients/deployment.ts';
import { exportTestClient } from '../test-clients/export.ts';
import { readTestClientRegistry, testClients } from '../test-clients/registry.ts';
import { findClientFile, loadClient, loadClientFile } from './load-client.ts';
import type { LoadedClient } from './load-client.ts';

/**
 * A client by its name: a test client of the platform in this home, or a client file.
 * @param from where relative paths begin
 * @throws PlatformTrouble when there is none, or what there is cannot be used
 */
export async function loadNamedClient(name: string, home: string, from: string): Promise<LoadedClient> {
  const registry = readTestClientRegistry();
  if (testClients(registry).some((client) => client.name === name))
    return loadClient(exportTestClient(name, registry, await deploymentIn(home)), home, name);
  return loadClientFile(findClientFile(name, home, from));
}

/** The names of all test clients. */
export const testClientNames = (): readonly string[] => testClients(readTestClientRegistry()).map(({ name }) => name);
