import { having } from '../signer.ts';
import type { JwtBend } from '../signer.ts';
import { BOTH_GO_ON, BOTH_REFUSE, seconds } from './fault.ts';
import type { Fault } from './fault.ts';

const fault = (
  title: string,
  jarm: JwtBend,
  reason: Fault['reason'],
  alone: NonNullable<Fault['alone']> = BOTH_REFUSE,
): Fault => ({
  title,
  variant: { profile: 'fapi2-message-signing', responseMode: 'jwt' },
  bend: { jarm },
  reason,
  before: 'token',
  alone,
});

const claims = (change: Record<string, unknown>): JwtBend => ({ claims: having(change) });

/** What the browser brings back, signed. */
export const jarmFaults: readonly Fault[] = [
  fault(
    'a signed answer of another server [JARM-2.4] [CLI-13]',
    claims({ iss: 'https://evil.localhost' }),
    'jarm_iss_wrong',
  ),
  fault('a signed answer without iss [JARM-2.4] [CLI-13]', claims({ iss: undefined }), 'jarm_iss_missing'),
  fault('a signed answer for another client [JARM-2.4] [CLI-14]', claims({ aud: 'somebody-else' }), 'jarm_aud_wrong'),
  fault('a signed answer without aud [JARM-2.4] [CLI-14]', claims({ aud: undefined }), 'jarm_aud_missing'),
  fault(
    'a signed answer for another client too',
    claims({ aud: ['developer', 'somebody-else'] }),
    'jarm_aud_wrong',
    BOTH_GO_ON,
  ),
  fault('a signed answer without exp [JARM-2.4] [CLI-15]', claims({ exp: undefined }), 'jarm_exp_missing'),
  fault('a signed answer that has expired [JARM-2.4] [CLI-15]', claims({ exp: seconds() - 120 }), 'jarm_expired'),
  fault(
    'a signed answer that expired a moment ago',
    { claims: (honest) => ({ ...honest, exp: seconds() - 15 }) },
    'jarm_expired',
    BOTH_GO_ON,
  ),
  fault('an exp that is no number', claims({ exp: 'tomorrow' }), 'jarm_malformed'),
  fault('an answer signed by nobody we know [JARM-2.4] [CLI-16]', { signedWith: 'stranger' }, 'jarm_signature_wrong'),
  fault('an answer that was changed', { text: changed }, 'jarm_signature_wrong'),
  fault('an answer with alg none [JARM-2.4] [CLI-16]', { signedWith: 'none' }, 'jarm_alg_wrong'),
  fault('an answer with another algorithm than registered', { signedWith: 'PS256' }, 'jarm_alg_wrong'),
  {
    ...fault('an answer with another algorithm than registered, although the metadata allows it', {}, 'jarm_alg_wrong'),
    bend: {
      metadata: having({ authorization_signing_alg_values_supported: ['PS256', 'ES256'] }),
      jarm: { signedWith: 'PS256' },
    },
  },
  fault('a signed answer to another request', claims({ state: 'of-somebody-else' }), 'jarm_state_wrong'),
  fault('a signed answer without state', claims({ state: undefined }), 'jarm_state_missing'),
  fault('a signed answer without code', claims({ code: undefined }), 'answer_code_missing'),
  fault('an answer that is no JWT', { text: () => 'not-a-jwt' }, 'jarm_malformed'),
];

/** The code in the answer replaced, its signature kept. */
function changed(jwt: string): string {
  const [header, payload = '', signature] = jwt.split('.');
  const inside = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const other = Buffer.from(JSON.stringify({ ...inside, code: 'of-somebody-else' })).toString('base64url');
  return [header, other, signature].join('.');
}
