import type { JsonWebKey } from 'node:crypto';

export function createSigningJwks(): { keys: JsonWebKey[] } {
  throw new Error('not built yet');
}
