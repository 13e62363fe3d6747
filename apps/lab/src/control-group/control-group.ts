import type { BearerStack } from './bearer/bearer-stack.ts';
import { startBearerStack } from './bearer/bearer-stack.ts';
import type { NaiveMtlsStack } from './naive-mtls/naive-mtls-stack.ts';
import { startNaiveMtlsStack } from './naive-mtls/naive-mtls-stack.ts';

/**
 * Two weak platforms that exist so that an attack can be seen to work. "Refused" means little unless the same attack
 * succeeds somewhere: it might only mean "down", or "done wrong". They share no key, issuer, certificate authority,
 * cookie, store or line of code with the real platform, and live only as long as the process.
 */
export interface ControlGroup {
  readonly bearer: BearerStack;
  readonly naive: NaiveMtlsStack;
  close(): Promise<void>;
}

export type ControlName = 'bearer' | 'naive-mtls';

export async function startControlGroup(): Promise<ControlGroup> {
  const [bearer, naive] = await Promise.all([startBearerStack(), startNaiveMtlsStack()]);
  return {
    bearer,
    naive,
    async close() {
      await Promise.all([bearer.close(), naive.close()]);
    },
  };
}
