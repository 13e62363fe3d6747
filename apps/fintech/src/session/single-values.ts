import type { formOf } from '@holdfast/host';

export type Pairs = ReturnType<typeof formOf>;

/** A form or query in which every name has one value. */
export type Values = ReadonlyMap<string, string>;

/**
 * Turns pairs into values; undefined when a name is repeated. With two values for one name, one check would read the first
 * and another the last. RFC6749-3.1, RFC6749-4.1.2.
 */
export function singleValues(pairs: Pairs): Values | undefined {
  const values = new Map(pairs);
  return values.size === pairs.length ? values : undefined;
}
