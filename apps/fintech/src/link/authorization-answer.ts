import { plainCode } from '../authorization-server/faults.ts';
import { Problem } from '../pages/problem.ts';
import type { Pairs, Values } from '../session/single-values.ts';
import { singleValues } from '../session/single-values.ts';

const MAX_LENGTH = 2000;

/**
 * Reads what the browser brought back: every parameter once, `state` there. RFC6749-10.12 [CLI-12].
 * @throws Problem `link_refused`
 */
export function readAnswer(pairs: Pairs): { values: Values; state: string } {
  const values = singleValues(pairs);
  // RFC6749-4.1.2: two codes, states or issuers let one check read the first and another the last.
  if (values === undefined) throw refused('parameter_repeated');
  if ([...values.values()].some((value) => value.length > MAX_LENGTH)) throw refused('parameter_too_long');
  const state = values.get('state');
  if (state === undefined || state === '') throw refused('state_missing');
  return { values, state };
}

/**
 * RFC9207-2.4 [CLI-11], FAPI2-SP-FINAL-5.3.3.2-5: an answer is taken only from the server the request was sent to,
 * compared to the letter, for errors and codes alike. Otherwise a code of the honest server could be carried to a
 * dishonest one.
 *
 * @throws Problem `link_refused`
 */
export function checkIssuer(values: Values, issuer: string): void {
  const sent = values.get('iss');
  if (sent === undefined || sent === '') throw refused('issuer_missing');
  if (sent !== issuer) throw refused('issuer_mismatch');
}

/** The person said no; nobody did anything wrong. RFC6749-4.1.2.1. */
export const isDeclined = (values: Values): boolean => values.get('error') === 'access_denied';

/**
 * The code, when the answer is one.
 * @throws Problem when the login service reports an error, or answers in a way nobody asked for
 */
export function readCode(values: Values): string {
  const error = values.get('error');
  if (error !== undefined) throw new Problem('login_service_refused', { reason: `authorization_${plainCode(error)}` });
  // A JARM response or tokens in the query were not asked for; reading the code beside them would skip their checks.
  if (['response', 'id_token', 'access_token'].some((name) => values.has(name)))
    throw refused('response_not_asked_for');
  const code = values.get('code');
  if (code === undefined || code === '') throw refused('code_missing');
  return code;
}

const refused = (reason: string): Problem => new Problem('link_refused', { reason });
