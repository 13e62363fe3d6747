import { readFileSync } from 'node:fs';
import { configurationFile } from '../platform/configuration.ts';
import { configurationsOf, findRunning } from '../platform/running.ts';
import type { Deployment } from './export.ts';

/** Where the platform of this home is, its ports moved as it was started. */
export async function deploymentIn(home: string): Promise<Deployment> {
  const folder = configurationsOf(await findRunning(home));
  const read = (app: 'authorization-server' | 'bank'): unknown =>
    JSON.parse(readFileSync(configurationFile(folder, app), 'utf8'));
  const { issuer } = read('authorization-server') as { issuer: string };
  const { api } = read('bank') as { api: { audience: string } };
  return { home, issuer, bank: api.audience };
}
