import { base64url } from 'jose';
import { having } from '../signer.ts';
import { BOTH_GO_ON, BOTH_REFUSE } from './fault.ts';
import type { Fault } from './fault.ts';

const byKey = { auth: 'private_key_jwt', constraint: 'dpop' } as const;

/** What comes from the token endpoint, and what happens to it afterwards. */
export const tokenFaults: readonly Fault[] = [
  {
    title: 'a token of a type nobody knows',
    bend: { tokenResponse: having({ token_type: 'mac' }) },
    reason: 'token_type_wrong',
    before: 'userinfo',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a token bound to nothing where one bound to our key was asked for',
    variant: byKey,
    bend: { tokenResponse: having({ token_type: 'Bearer' }) },
    reason: 'token_type_wrong',
    before: 'userinfo',
    alone: BOTH_GO_ON,
  },
  {
    title: 'a token bound to a key we do not have',
    bend: { tokenResponse: having({ token_type: 'DPoP' }) },
    reason: 'token_type_wrong',
    before: 'userinfo',
    alone: BOTH_GO_ON,
  },
  {
    title: 'an answer without access token',
    bend: { tokenResponse: having({ access_token: undefined }) },
    reason: 'token_response_malformed',
    before: 'userinfo',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a page instead of tokens',
    bend: { token: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' }) },
    reason: 'token_response_malformed',
    before: 'userinfo',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a token endpoint that redirects',
    bend: ({ otherBank }) => ({ token: () => ({ status: 307, headers: { location: otherBank } }) }),
    reason: 'back_channel_redirected',
    before: 'other bank',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a token for the bank of another server',
    bend: ({ otherBank }) => ({
      tokenResponse: having({
        authorization_details: [{ type: 'account_information', locations: [new URL(otherBank).origin] }],
      }),
    }),
    reason: 'token_for_another_bank',
    before: 'resource',
    alone: BOTH_GO_ON,
  },
  {
    title: 'userinfo about somebody else',
    bend: { userinfo: having({ sub: 'cus-mallory-9155' }) },
    reason: 'userinfo_sub_wrong',
    before: 'resource',
    alone: BOTH_REFUSE,
  },
  {
    title: 'userinfo about nobody',
    bend: { userinfo: having({ sub: undefined }) },
    reason: 'userinfo_malformed',
    before: 'resource',
    alone: BOTH_REFUSE,
  },
  {
    title: 'userinfo in a JWT that nobody registered for, and that nobody we know has signed',
    bend: {
      metadata: having({ userinfo_signing_alg_values_supported: ['ES256'] }),
      userinfoAnswer: ({ body }) => ({
        status: 200,
        headers: { 'content-type': 'application/jwt' },
        body: [{ alg: 'ES256' }, body].map((part) => `${base64url.encode(JSON.stringify(part))}.`).join('') + 'AAAA',
      }),
    },
    reason: 'userinfo_malformed',
    before: 'resource',
    alone: BOTH_GO_ON,
  },
  {
    title: 'a bank that sends the token elsewhere',
    bend: ({ otherBank }) => ({ resource: () => ({ status: 307, headers: { location: otherBank } }) }),
    reason: 'back_channel_redirected',
    before: 'other bank',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a bank that answers another interaction',
    bend: {
      resource: (honest) => ({
        ...honest,
        headers: { 'x-fapi-interaction-id': 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a' },
      }),
    },
    reason: 'interaction_id_wrong',
    before: 'other bank',
  },
];

/** What comes after the first tokens. */
export const laterFaults: readonly Fault[] = [
  {
    flow: 'refresh',
    title: 'a refreshed ID token about somebody else',
    bend: { refreshIdToken: { claims: having({ sub: 'cus-mallory-9155' }) } },
    reason: 'id_token_sub_wrong',
    before: 'resource',
    earlier: 1,
  },
  {
    flow: 'refresh',
    title: 'a refreshed ID token signed by nobody we know',
    bend: { refreshIdToken: { signedWith: 'stranger' } },
    reason: 'id_token_signature_wrong',
    before: 'resource',
    earlier: 1,
  },
  {
    flow: 'introspect',
    title: 'a fresh token that is said to be dead',
    bend: { introspection: () => ({ active: false }) },
    reason: 'introspection_inactive',
    before: 'resource',
  },
  {
    flow: 'introspect',
    title: "a token that is said to be another client's",
    bend: { introspection: having({ client_id: 'somebody-else' }) },
    reason: 'introspection_client_wrong',
    before: 'resource',
  },
  {
    flow: 'introspect',
    title: 'a token that is said to be bound to another certificate',
    bend: { introspection: having({ cnf: { 'x5t#S256': 'A'.repeat(43) } }) },
    reason: 'introspection_cnf_wrong',
    before: 'resource',
  },
  {
    flow: 'introspect',
    variant: byKey,
    title: 'a token that is said to be bound to a certificate instead of our key',
    bend: { introspection: having({ cnf: { 'x5t#S256': 'A'.repeat(43) } }) },
    reason: 'introspection_cnf_wrong',
    before: 'resource',
  },
  {
    flow: 'introspect',
    title: 'an introspection that says neither alive nor dead',
    bend: { introspection: having({ active: 'yes' }) },
    reason: 'introspection_malformed',
    before: 'resource',
  },
  {
    flow: 'revoke',
    title: 'a revocation that ends nothing',
    bend: { deafToRevocation: true },
    reason: 'revoked_token_alive',
    before: 'resource',
    earlier: 1,
  },
];
