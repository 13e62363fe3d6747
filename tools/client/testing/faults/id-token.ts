import type { Reason } from '../../refusal.ts';
import { having } from '../signer.ts';
import type { JwtBend } from '../signer.ts';
import { BOTH_GO_ON, BOTH_REFUSE, seconds } from './fault.ts';
import type { Alone, Fault } from './fault.ts';

type Libraries = Fault['alone'];

const claims = (change: Record<string, unknown>): JwtBend => ({ claims: having(change) });

const WEEK = 7 * 86_400;

const both: { oauth4webapi: Alone; 'openid-client': Alone } = BOTH_REFUSE;

/** What an ID token can be bent in, wherever it comes from. */
const bends: readonly [title: string, bend: JwtBend, reason: Reason, libraries: Libraries][] = [
  ['of another issuer', claims({ iss: 'https://evil.localhost' }), 'id_token_iss_wrong', both],
  ['without iss', claims({ iss: undefined }), 'id_token_iss_missing', both],
  ['for another client', claims({ aud: 'somebody-else' }), 'id_token_aud_wrong', both],
  ['without aud', claims({ aud: undefined }), 'id_token_aud_missing', both],
  ['for another client too', claims({ aud: ['developer', 'somebody-else'] }), 'id_token_aud_untrusted', both],
  [
    'for another client too, with azp',
    claims({ aud: ['developer', 'somebody-else'], azp: 'developer' }),
    'id_token_aud_untrusted',
    BOTH_GO_ON,
  ],
  ['issued to another client', claims({ azp: 'somebody-else' }), 'id_token_azp_wrong', BOTH_GO_ON],
  ['without exp', claims({ exp: undefined }), 'id_token_exp_missing', both],
  ['that has expired', claims({ exp: seconds() - 120 }), 'id_token_expired', both],
  ['without iat', claims({ iat: undefined }), 'id_token_iat_missing', both],
  ['without sub', claims({ sub: undefined }), 'id_token_sub_missing', both],
  ['without nonce', claims({ nonce: undefined }), 'id_token_nonce_missing', both],
  ['of another request', claims({ nonce: 'of-somebody-else' }), 'id_token_nonce_wrong', both],
  ['with alg none', { signedWith: 'none' }, 'id_token_alg_wrong', both],
  ['with another algorithm than registered', { signedWith: 'PS256' }, 'id_token_alg_wrong', both],
  ['that is no JWT', { text: () => 'not-a-jwt' }, 'id_token_malformed', both],
];

const atToken = (title: string, idToken: JwtBend, reason: Reason, libraries: Libraries): Fault => ({
  title: `an ID token ${title}`,
  bend: { idToken },
  reason,
  before: 'userinfo',
  ...(libraries === undefined ? {} : { alone: libraries }),
});

/** The ID token of the token endpoint. */
export const idTokenFaults: readonly Fault[] = [
  ...bends.map(([title, bend, reason, libraries]) => atToken(title, bend, reason, libraries)),
  atToken('signed by nobody we know', { signedWith: 'stranger' }, 'id_token_signature_wrong', BOTH_GO_ON),
  atToken('of a week ago', claims({ iat: seconds() - WEEK }), 'id_token_iat_wrong', BOTH_GO_ON),
  atToken('of tomorrow', claims({ iat: seconds() + 86_400 }), 'id_token_iat_wrong', BOTH_GO_ON),
  atToken(
    'for another access token',
    claims({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    'id_token_at_hash_wrong',
    BOTH_GO_ON,
  ),
  {
    title: 'an answer without the ID token',
    bend: { tokenResponse: having({ id_token: undefined }) },
    reason: 'id_token_absent',
    before: 'userinfo',
    alone: BOTH_REFUSE,
  },
  {
    title: 'an ID token with alg none, although the metadata allows it',
    bend: {
      metadata: having({ id_token_signing_alg_values_supported: ['none', 'ES256'] }),
      idToken: { signedWith: 'none' },
    },
    reason: 'id_token_alg_wrong',
    before: 'userinfo',
    alone: BOTH_REFUSE,
  },
  {
    title: 'an ID token with another algorithm than registered, although the metadata allows it',
    bend: {
      metadata: having({ id_token_signing_alg_values_supported: ['PS256', 'ES256'] }),
      idToken: { signedWith: 'PS256' },
    },
    reason: 'id_token_alg_wrong',
    before: 'userinfo',
    alone: BOTH_REFUSE,
  },
];

const hybrid = { flow: 'hybrid', variant: { profile: 'fapi1-advanced' } } as const;

const atFront = (title: string, frontIdToken: JwtBend, reason: Reason, libraries: Libraries): Fault => ({
  ...hybrid,
  title: `beside the code, an ID token ${title}`,
  bend: { frontIdToken },
  reason,
  before: 'token',
  ...(libraries === undefined ? {} : { alone: libraries }),
});

/** The ID token beside the code, which signs for it. */
export const hybridFaults: readonly Fault[] = [
  ...bends.map(([title, bend, reason, libraries]) => atFront(title, bend, reason, libraries)),
  atFront('signed by nobody we know', { signedWith: 'stranger' }, 'id_token_signature_wrong', both),
  atFront('of a week ago', claims({ iat: seconds() - WEEK }), 'id_token_iat_wrong', both),
  atFront('of half an hour ago', claims({ iat: seconds() - 1800 }), 'id_token_iat_wrong', BOTH_GO_ON),
  atFront('for another state', claims({ s_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }), 'id_token_s_hash_wrong', both),
  atFront('for no state', claims({ s_hash: undefined }), 'id_token_s_hash_missing', both),
  atFront('for another code', claims({ c_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }), 'id_token_c_hash_wrong', both),
  atFront('for no code', claims({ c_hash: undefined }), 'id_token_c_hash_missing', both),
  {
    ...hybrid,
    title: 'a hybrid answer without its ID token',
    bend: { answer: (answer) => answer.delete('id_token') },
    reason: 'id_token_absent',
    before: 'token',
    alone: BOTH_REFUSE,
  },
  {
    ...hybrid,
    title: 'a hybrid answer to another request',
    bend: { answer: (answer) => answer.set('state', 'of-somebody-else') },
    reason: 'answer_state_wrong',
    before: 'token',
    alone: BOTH_REFUSE,
  },
  {
    ...hybrid,
    title: 'a hybrid answer in the query',
    bend: { via: 'query' },
    reason: 'answer_misplaced',
    before: 'token',
    alone: BOTH_REFUSE,
  },
  {
    ...hybrid,
    title: 'a hybrid answer with an access token',
    bend: { answer: (answer) => answer.set('access_token', 'x') },
    reason: 'answer_not_asked_for',
    before: 'token',
    alone: BOTH_GO_ON,
  },
  {
    ...hybrid,
    title: 'an ID token about somebody else than the one beside the code',
    bend: { idToken: claims({ sub: 'cus-mallory-9155' }) },
    reason: 'id_token_sub_wrong',
    before: 'userinfo',
    alone: BOTH_GO_ON,
  },
];
