import type { Reason } from '../errors.ts';
import { refuse } from '../errors.ts';

/** RFC6749-3.3: scope tokens separated by single spaces. */
export const formatScope = (scopes: readonly string[]): string => scopes.join(' ');

/**
 * Reads a `scope` parameter and checks it against what is allowed.
 * @throws OAuthError `invalid_scope` when malformed or beyond what is allowed
 */
export function checkScope(scope: string | undefined, allowed: readonly string[], beyond: Reason): readonly string[] {
  if (scope === undefined) return [];
  const scopes = scope.split(' ');
  const outside = scopes.find((item) => !allowed.includes(item));
  if (outside !== undefined) throw refuse('invalid_scope', beyond, { evidence: { scope: outside.slice(0, 64) } });
  return [...new Set(scopes)];
}
