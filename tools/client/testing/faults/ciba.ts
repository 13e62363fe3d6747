import { having } from '../signer.ts';
import type { Fault } from './fault.ts';

const variant = { profile: 'fapi-ciba' } as const;

/** The person agrees elsewhere; none of this is in the care of the libraries. */
export const cibaFaults: readonly Fault[] = [
  {
    flow: 'ciba-poll',
    variant,
    title: 'a backchannel answer without auth_req_id',
    bend: { backchannel: having({ auth_req_id: undefined }) },
    reason: 'backchannel_malformed',
    before: 'token',
  },
  {
    flow: 'ciba-poll',
    variant,
    title: 'a backchannel answer without expires_in',
    bend: { backchannel: having({ expires_in: undefined }) },
    reason: 'backchannel_malformed',
    before: 'token',
  },
  {
    flow: 'ciba-poll',
    variant,
    title: 'to ask beyond the end of the request',
    bend: { backchannel: having({ expires_in: 0.2 }), undecided: 'authorization_pending' },
    reason: 'request_expired',
    before: 'userinfo',
  },
  {
    flow: 'ciba-poll',
    variant,
    title: 'an ID token of another issuer, after a decision elsewhere',
    bend: { idToken: { claims: having({ iss: 'https://evil.localhost' }) } },
    reason: 'id_token_iss_wrong',
    before: 'userinfo',
  },
  {
    flow: 'ciba-poll',
    variant,
    title: 'an ID token signed by nobody we know, after a decision elsewhere',
    bend: { idToken: { signedWith: 'stranger' } },
    reason: 'id_token_signature_wrong',
    before: 'userinfo',
  },
];

/** Notifications; the endpoint that must hear of them needs a port, so the variant is completed by the suite. */
export const notificationFaults: readonly Fault[] = [
  {
    flow: 'ciba-ping',
    variant,
    title: 'a notification without our token',
    bend: {
      backchannel: having({ expires_in: 0.4 }),
      notification: (honest) => ({ ...honest, token: `${honest.token.slice(0, -1)}!` }),
    },
    reason: 'notification_missing',
    before: 'token',
  },
  {
    flow: 'ciba-ping',
    variant,
    title: 'a notification of another request',
    bend: {
      backchannel: having({ expires_in: 0.4 }),
      notification: (honest) => ({ ...honest, authReqId: 'of-somebody-else' }),
    },
    reason: 'notification_missing',
    before: 'token',
  },
  {
    flow: 'ciba-ping',
    variant,
    title: 'to ask without having been told',
    bend: { backchannel: having({ expires_in: 0.4 }), notification: () => undefined },
    reason: 'notification_missing',
    before: 'token',
  },
];
