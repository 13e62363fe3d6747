import type { FormPairs } from '@holdfast/fapi';

/** The one value of a form field; empty when absent or repeated, which no check accepts. */
export function single(form: FormPairs, name: string): string {
  const values = all(form, name);
  return values.length === 1 ? (values[0] ?? '') : '';
}

/** Every value of a form field, in order. */
export const all = (form: FormPairs, name: string): string[] =>
  form.flatMap(([key, value]) => (key === name ? [value] : []));
