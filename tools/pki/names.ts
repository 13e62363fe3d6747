import { authorityNames } from '@holdfast/pki';
import type { AuthorityName, RotationKind } from '@holdfast/pki';
import { UsageError } from './usage-error.ts';

/** The names that follow a command, so many of them. @throws UsageError saying the problem */
export function exactly(count: number, names: readonly string[], problem: string): readonly string[] {
  if (names.length === count) return names;
  throw new UsageError(problem);
}

/** @throws UsageError for a purpose that no authority has */
export function purposeOf(command: string, names: readonly string[]): AuthorityName {
  const [name] = exactly(1, names, `${command} takes web, participants or services`);
  const purpose = authorityNames.find((one) => one === name);
  if (purpose === undefined) throw new UsageError(`${command} takes web, participants or services`);
  return purpose;
}

/** What is to be rotated, root or intermediate, and for which purpose. @throws UsageError */
export function rotationOf(
  command: string,
  names: readonly string[],
): { readonly kind: RotationKind; readonly purpose: AuthorityName } {
  const problem = `${command} takes root or intermediate, and web, participants or services`;
  const [kind, name = ''] = exactly(2, names, problem);
  if (kind !== 'root' && kind !== 'intermediate') throw new UsageError(problem);
  return { kind, purpose: purposeOf(`${command} ${kind}`, [name]) };
}
