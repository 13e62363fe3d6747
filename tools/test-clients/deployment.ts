import { readFileSync } from 'node:fs';
import { configurationFile, configurationsFor } from '../platform/configuration.ts';
import { findRunning } from '../platform/running.ts';
import type { Deployment } from './export.ts';

/** Where the platform of this home is, its ports moved as it was started. */
export async function deploymentIn(home: string): Promise<Deployment> {
  const folder = configurationsFor(home, (await findRunning(home))?.offset ?? 0);
  const read = (app: 'authorization-server' | 'bank'): unknown =>
    JSON.parse(readFileSync(configurationFile(folder, app), 'utf8'));
  const { issuer } = read('authorization-server') as { issuer: string };
  const { api } = read('bank') as { api: { audience: string } };
  return { home, issuer, bank: api.audience };
}
