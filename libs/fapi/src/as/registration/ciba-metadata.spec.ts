import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PROFILE } from '../../profile.ts';
import { clientFromMetadata } from './client-metadata.ts';

const jwk = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'one' };
const CIBA_GRANT = 'urn:openid:params:grant-type:ciba';

const GOOD = {
  client_name: 'Till',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks: { keys: [jwk] },
  tls_client_certificate_bound_access_tokens: true,
  grant_types: [CIBA_GRANT],
  scope: 'openid',
  backchannel_token_delivery_mode: 'ping',
  backchannel_client_notification_endpoint: 'https://till.test/ping',
};
const register = (changes: Record<string, unknown> = {}) =>
  clientFromMetadata(JSON.parse(JSON.stringify({ ...GOOD, ...changes })) as Record<string, unknown>, {
    clientId: 'till',
    profileName: 'fapi-ciba',
    profile: PROFILE,
    authority: undefined,
    detailTypes: [],
  });

describe('a client that asks people on another device is not registered', () => {
  it.each([
    ['without a way to be told', { backchannel_token_delivery_mode: undefined }, 'malformed'],
    ['to be told by push [FAPI-CIBA-5.2.2-3] [CIBA-16]', { backchannel_token_delivery_mode: 'push' }, 'not_allowed'],
    ['to be pinged nowhere', { backchannel_client_notification_endpoint: undefined }, 'malformed'],
    ['to be pinged in plain text', { backchannel_client_notification_endpoint: 'http://till.test/' }, 'malformed'],
    ['to send user codes', { backchannel_user_code_parameter: true }, 'not_allowed'],
    ['to sign with RS256 [FAPI1-ADV-8.6]', { backchannel_authentication_request_signing_alg: 'RS256' }, 'not_allowed'],
    ['to be told, without the grant type', { grant_types: ['client_credentials'] }, 'not_allowed'],
  ])('%s [CIBA-CORE-4]', (_, changes, problem) => {
    expect(() => register(changes)).toThrow(
      expect.objectContaining({ code: 'invalid_client_metadata', reason: `client_metadata_${problem}` }),
    );
  });

  it('without keys to verify its requests by [FAPI-CIBA-5.2.2-6]', () => {
    expect(() => register({ jwks: undefined })).toThrow(expect.objectContaining({ code: 'invalid_client_metadata' }));
  });
});

describe('a client that asks people on another device is registered', () => {
  it('to be pinged at its endpoint [CIBA-CORE-4]', () => {
    expect(register().ciba).toEqual({ mode: 'ping', notificationEndpoint: 'https://till.test/ping' });
  });

  it('to ask by itself, and says that it sends no user codes [CIBA-CORE-4]', () => {
    const changes = { backchannel_token_delivery_mode: 'poll', backchannel_user_code_parameter: false };
    expect(register(changes).ciba).toEqual({ mode: 'poll' });
  });

  it('to sign with the algorithm it names [CIBA-CORE-4]', () => {
    const named = register({
      backchannel_authentication_request_signing_alg: 'PS256',
      request_object_signing_alg: 'ES256',
    });
    expect(named.requestObjectAlgorithm).toBe('PS256');
    expect(register({ request_object_signing_alg: 'PS256' }).requestObjectAlgorithm).toBe('PS256');
  });
});
