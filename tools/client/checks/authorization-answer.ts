import { isJarm } from '../client-file.ts';
import { Refused, oneLine } from '../refusal.ts';

/** What the browser brought back to the redirect URI, and which way. */
export interface AuthorizationAnswer {
  readonly via: 'query' | 'fragment' | 'form_post';
  readonly parameters: URLSearchParams;
}

/**
 * What an answer must hold beyond what the protocol library checks.
 * @param mode the response mode asked for; undefined for that of the response type
 * @throws Refused
 */
export function checkAnswer(answer: AuthorizationAnswer, responseType: string, mode: string | undefined): void {
  checkRepeated(answer.parameters);
  checkWay(answer, responseType, mode);
  const signed = answer.parameters.has('response');
  // FAPI2-MS-FINAL-5.4.2: whoever can take the signature away can say anything.
  if (isJarm(mode) && !signed) throw new Refused('answer_not_signed');
  // RFC6749-4.1.2: beside the checks of what was asked for, other things would pass unchecked.
  const unasked = ['response', 'id_token', 'access_token', 'token'].filter(
    (name) => !(name === 'response' && isJarm(mode)) && !(name === 'id_token' && responseType === 'code id_token'),
  );
  const found = unasked.find((name) => answer.parameters.has(name));
  if (found !== undefined) throw new Refused('answer_not_asked_for', { detail: found });
}

/** RFC6749-3.1: of two values one check could read the first and another the last. The library looks at a few names only. */
function checkRepeated(parameters: URLSearchParams): void {
  const names = [...parameters.keys()];
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) throw new Refused('answer_repeated', { detail: oneLine(repeated) });
}

/**
 * OAUTH-MULTIPLE-RESPONSE-TYPES-2.1, JARM-2.3: a code in a fragment reaches scripts, one in a query reaches logs; we said
 * where we expect it.
 */
function checkWay({ via }: AuthorizationAnswer, responseType: string, mode: string | undefined): void {
  const byType = responseType === 'code' ? 'query' : 'fragment';
  const expected = mode === undefined || mode === 'jwt' ? byType : mode.replace(/\.jwt$/, '');
  if (via !== expected) throw new Refused('answer_misplaced', { detail: `${via} instead of ${expected}` });
}
