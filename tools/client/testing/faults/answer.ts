import { having } from '../signer.ts';
import { BOTH_GO_ON, BOTH_REFUSE } from './fault.ts';
import type { Fault } from './fault.ts';

const before = 'token' as const;

type Change = (answer: URLSearchParams) => void;
const set =
  (name: string, value: string): Change =>
  (answer) =>
    answer.set(name, value);
const without =
  (name: string): Change =>
  (answer) =>
    answer.delete(name);
const twice =
  (name: string, value?: string): Change =>
  (answer) =>
    answer.append(name, value ?? answer.get(name) ?? '');

const plain = (title: string, answer: Change, reason: Fault['reason']): Fault => ({
  title,
  bend: { answer },
  reason,
  before,
  alone: BOTH_REFUSE,
});

const denied: Change = (answer) => {
  answer.delete('code');
  answer.set('error', 'access_denied');
};
const both =
  (first: Change, second: Change): Change =>
  (answer) => {
    first(answer);
    second(answer);
  };

const signed = { profile: 'fapi2-message-signing', responseMode: 'jwt' } as const;

/** What the browser brings back, plainly. */
export const answerFaults: readonly Fault[] = [
  plain('an answer of another server', set('iss', 'https://evil.localhost'), 'answer_iss_wrong'),
  plain('an iss with a slash more', (answer) => answer.set('iss', `${answer.get('iss')}/`), 'answer_iss_wrong'),
  plain('an iss in other letters', (answer) => answer.set('iss', answer.get('iss')!.toUpperCase()), 'answer_iss_wrong'),
  plain('an answer without iss', without('iss'), 'answer_iss_missing'),
  plain('an empty iss', set('iss', ''), 'answer_iss_missing'),
  plain('two iss, both right', twice('iss'), 'answer_repeated'),
  plain('two iss, the second another', twice('iss', 'https://evil.localhost'), 'answer_repeated'),
  {
    title: 'an answer without iss from a server that announced none',
    bend: {
      metadata: having({ authorization_response_iss_parameter_supported: undefined }),
      answer: without('iss'),
    },
    reason: 'answer_iss_missing',
    before,
    alone: BOTH_GO_ON,
  },
  plain('an answer to another request', set('state', 'of-somebody-else'), 'answer_state_wrong'),
  plain('an answer without state', without('state'), 'answer_state_missing'),
  plain('an empty state', set('state', ''), 'answer_state_wrong'),
  plain('two states, both right', twice('state'), 'answer_repeated'),
  plain('an answer without code', without('code'), 'answer_code_missing'),
  plain('two codes', twice('code', 'another'), 'answer_repeated'),
  {
    title: 'a parameter that is there twice and that nobody looks at',
    bend: { answer: both(set('scope', 'openid'), twice('scope')) },
    reason: 'answer_repeated',
    before,
    alone: BOTH_GO_ON,
  },
  plain('a denial of another server', both(denied, set('iss', 'https://evil.localhost')), 'answer_iss_wrong'),
  plain('a denial of another request', both(denied, set('state', 'of-somebody-else')), 'answer_state_wrong'),
  plain('a signed answer nobody asked for', set('response', 'a.b.c'), 'answer_not_asked_for'),
  plain('an ID token beside the code', set('id_token', 'a.b.c'), 'answer_not_asked_for'),
  {
    title: 'an access token beside the code',
    bend: { answer: set('access_token', 'x') },
    reason: 'answer_not_asked_for',
    before,
    alone: BOTH_GO_ON,
  },
  {
    title: 'a code in the fragment',
    bend: { via: 'fragment' },
    reason: 'answer_misplaced',
    before,
    alone: BOTH_REFUSE,
  },
  { title: 'a code in a form', bend: { via: 'form_post' }, reason: 'answer_misplaced', before },
  {
    title: 'a plain answer where a signed one was asked for',
    variant: signed,
    bend: { unsigned: true, answer: set('iss', 'https://evil.localhost') },
    reason: 'answer_not_signed',
    before,
    alone: BOTH_REFUSE,
  },
  {
    title: 'a plain denial where a signed answer was asked for',
    variant: signed,
    bend: { unsigned: true, answer: denied },
    reason: 'answer_not_signed',
    before,
    alone: BOTH_REFUSE,
  },
];
