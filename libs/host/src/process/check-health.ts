import { resolve } from 'node:path';
import { loadIdentity, loadTrust } from '@holdfast/mtls';
import { httpClient } from '../client/http-client.ts';
import type { HealthConfig } from '../config/schemas.ts';
import { healthConfig } from '../config/schemas.ts';
import { StartUpError } from './start-up-error.ts';

const DEADLINE_MS = 3_000;

/**
 * Asks the running process's own `/readyz` the way its callers would: over TLS, with chain and name verified.
 * @throws StartUpError when it is not ready, not there, or not who it should be
 */
export async function checkHealth(target: HealthConfig | undefined, home: string): Promise<void> {
  const known = healthConfig.safeParse(target);
  if (!known.success)
    throw new StartUpError(
      'the configuration does not say what to ask for the health',
      'Add "health": { "url": "https://<host>:<port>", "trust": "pki/trust/web.pem" }.',
    );
  const { url, trust, names, identity: files } = known.data;
  const identity =
    files && loadIdentity({ certificate: resolve(home, files.certificate), key: resolve(home, files.key) });
  const client = httpClient({
    serverTrust: loadTrust(resolve(home, trust)),
    names,
    deadlineMs: DEADLINE_MS,
    ...(identity && { identity }),
  });
  const ready = new URL('/readyz', url).href;
  try {
    const answer = await client.fetch(ready);
    const text = await answer.text();
    if (answer.status !== 200) throw new StartUpError(`${ready} answered ${answer.status} ${text}`, NOT_READY);
  } catch (cause) {
    if (cause instanceof StartUpError) throw cause;
    throw new StartUpError(`${ready} did not answer: ${innermost(cause)}`, NOT_READY, { cause });
  } finally {
    await client.close();
    identity?.close();
  }
}

const NOT_READY = 'Its log says why.';

function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : innermost(error.cause);
}
