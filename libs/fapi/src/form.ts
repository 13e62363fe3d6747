import { refuse } from './errors.ts';

/** A form or query as it came in: every pair, in order, nothing merged. */
export type FormPairs = readonly (readonly [name: string, value: string])[];

/** Parameters after duplicates were refused: each name has one value. */
export type Parameters = ReadonlyMap<string, string>;

/**
 * Turns pairs into parameters.
 *
 * RFC6749-3.1, RFC6749-3.2 [TOK-44]: a parameter must not be included more than once. Two values for one name let one
 * check read the first and another the last; so the request is refused before anybody reads either. RFC6749-3.1: a
 * parameter without a value counts as omitted.
 *
 * @throws OAuthError `invalid_request` when a name is repeated
 */
export function readForm(pairs: FormPairs): Parameters {
  const parameters = new Map<string, string>();
  const seen = new Set<string>();
  for (const [name, value] of pairs) {
    if (seen.has(name))
      throw refuse('invalid_request', 'parameter_repeated', { evidence: { parameter: shorten(name) } });
    seen.add(name);
    if (value !== '') parameters.set(name, value);
  }
  return parameters;
}

/**
 * A parameter that must be there.
 * @throws OAuthError `invalid_request` when it is not
 */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw refuse('invalid_request', 'parameter_missing', { evidence: { parameter: name } });
  return value;
}

/** Parameter names come from the caller: keep the audit line short. */
const shorten = (name: string): string => name.slice(0, 40);
