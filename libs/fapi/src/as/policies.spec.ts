import { beforeEach, describe, expect, it } from 'vitest';
import type { ProfileName } from '../profile.ts';
import { clientSigner, requestObject } from '../testing/client-signer.ts';
import {
  claimsOf,
  engineFixture,
  expectRefusal,
  GOOD_REQUEST,
  refresh,
  request,
  tokens,
} from '../testing/engine-fixture.ts';
import type { EngineFixture } from '../testing/engine-fixture.ts';
import { pushAuthorizationRequest } from './par/push.ts';

// One server, several kinds of client: what is right for one is refused to the other, at the same endpoint.
const signer = clientSigner('ES256');
const { client_id: _, ...PARAMETERS } = GOOD_REQUEST;

let f: EngineFixture;
async function given(profile: ProfileName): Promise<void> {
  f = await engineFixture({
    profile,
    responseTypes: profile === 'fapi1-advanced' ? ['code', 'code id_token'] : ['code'],
    jwks: { kind: 'inline', keys: [signer.jwk] },
  });
}
const pushForm = (form: Readonly<Record<string, string | undefined>>) =>
  pushAuthorizationRequest(f.engine, request({ client_id: 'first', ...form }, f.peers.first));
const pushSigned = async (changes: Readonly<Record<string, unknown>>) =>
  pushForm({ request: await requestObject(f, signer, PARAMETERS, changes) });

describe('the policy', () => {
  it.each<[ProfileName, string, string]>([
    ['fapi2-message-signing', 'invalid_request', 'request_object_missing'],
    ['fapi1-advanced', 'invalid_request', 'request_object_missing'],
  ])('of %s refuses the request that fapi2-security takes [POL-01]', async (profile, code, reason) => {
    await given('fapi2-security');
    await expect(pushForm(GOOD_REQUEST)).resolves.toBeDefined();
    await given(profile);
    await expectRefusal(f, pushForm(GOOD_REQUEST), code, reason);
  });

  it('of fapi2-security refuses the request that fapi2-message-signing takes [POL-01]', async () => {
    await given('fapi2-message-signing');
    await expect(pushSigned({})).resolves.toBeDefined();
    await given('fapi2-security');
    await expectRefusal(f, pushSigned({}), 'invalid_request', 'request_object_not_accepted');
  });
});

describe('under FAPI 1.0 a request is refused', () => {
  const HYBRID = { response_type: 'code id_token' };
  beforeEach(() => given('fapi1-advanced'));

  it('that is not signed [FAPI1-ADV-5.2.2-1] [POL-13]', () =>
    expectRefusal(f, pushForm(GOOD_REQUEST), 'invalid_request', 'request_object_missing'));

  it('without PKCE, since it is pushed [FAPI1-ADV-5.2.2-18] [POL-10]', () =>
    expectRefusal(
      f,
      pushSigned({ ...HYBRID, code_challenge: undefined }),
      'invalid_request',
      'code_challenge_missing',
    ));

  it('for a redirect URI that is not registered to the letter [FAPI1-BASE-5.2.2-10] [POL-06]', () =>
    expectRefusal(
      f,
      pushSigned({ ...HYBRID, redirect_uri: 'https://first.test/callback/' }),
      'invalid_request',
      'redirect_uri_unregistered',
    ));

  it('without the nonce that ties its ID token to it [OIDC-CORE-3.3.2.11] [POL-15]', () =>
    expectRefusal(f, pushSigned({ ...HYBRID, nonce: undefined }), 'invalid_request', 'nonce_missing'));

  it('and taken when all of that is there', async () => {
    await expect(pushSigned(HYBRID)).resolves.toMatchObject({ expires_in: 90 });
  });
});

describe('a refresh', () => {
  it('gives a token that is bound, or none [FAPI2-SP-FINAL-5.3.2.1-4] [TOK-23]', async () => {
    f = await engineFixture();
    const { refresh_token: token } = await tokens(f);
    const { access_token: again } = await refresh(f, token);
    expect(claimsOf(again)['cnf']).toEqual({ 'x5t#S256': f.peers.first.thumbprint });
    f.clients.set('first', { ...f.clients.get('first')!, senderConstraints: ['mtls', 'dpop'] });
    await expectRefusal(f, refresh(f, token), 'invalid_request', 'sender_constraint_missing');
  });
});
