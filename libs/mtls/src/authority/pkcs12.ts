import type { Leaf } from './issue.ts';

export function toPkcs12(
  _leaf: Leaf,
  _options: { password: string; name: string; random: (bytes: number) => Buffer },
): Buffer {
  throw new Error('not built yet');
}
