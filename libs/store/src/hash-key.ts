import { createHash } from 'node:crypto';

/** SHA-256 of a key, base64url: what the database holds instead of a code, token or id. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('base64url');
}
