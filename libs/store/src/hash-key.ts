import { hash } from 'node:crypto';

/** SHA-256 of a key, base64url: what the database holds instead of a code, token or id. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'base64url');
}
