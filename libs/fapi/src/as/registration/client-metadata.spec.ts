import { issuerPin } from '@holdfast/mtls';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import { PROFILE } from '../../profile.ts';
import type { ProfileName } from '../../profile.ts';
import { clientSigner } from '../../testing/client-signer.ts';
import { clientFromMetadata } from './client-metadata.ts';
import type { ClientMetadata } from './metadata-members.ts';

const pki = throwAwayPki();
const signer = clientSigner('ES256');
const rsa = clientSigner('PS256');
const own = pki.selfSigned({ subject: 'CN=first' });
const certified = {
  ...new X509Certificate(own.certificate.raw).publicKey.export({ format: 'jwk' }),
  kid: 'own',
  x5c: [own.certificate.raw.toString('base64')],
};
const DETAILS = [{ type: 'account_information', actions: ['read_balances'], locations: ['https://bank.test'] }];

const GOOD: ClientMetadata = {
  client_name: 'First',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks: { keys: [signer.jwk] },
  tls_client_certificate_bound_access_tokens: true,
  redirect_uris: ['https://first.test/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile',
  authorization_details_types: ['account_information'],
};
const TLS = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'first.test', jwks: undefined };
const CIBA = {
  grant_types: ['urn:openid:params:grant-type:ciba'],
  redirect_uris: undefined,
  backchannel_token_delivery_mode: 'poll',
};

function register(changes: ClientMetadata, profileName: ProfileName = 'fapi2-security') {
  const authority = issuerPin(() => [pki.participants.intermediate.certificate]);
  const metadata = JSON.parse(JSON.stringify({ ...GOOD, ...changes })) as ClientMetadata;
  return clientFromMetadata(metadata, {
    clientId: 'first',
    profileName,
    profile: PROFILE,
    authority,
    detailTypes: DETAILS,
  });
}

function refused(
  changes: ClientMetadata,
  reason: string,
  code = 'invalid_client_metadata',
  profileName?: ProfileName,
): void {
  let error: unknown;
  try {
    register(changes, profileName);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(OAuthError);
  expect(error).toMatchObject({ code, reason, status: 400 });
}

describe('client metadata is refused', () => {
  it.each(['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'x'])(
    'with the authentication method %s [FAPI2-SP-FINAL-5.3.2.1-6]',
    (method) => refused({ token_endpoint_auth_method: method }, 'client_metadata_not_allowed'),
  );

  it('without an authentication method, whose default is a shared secret [RFC7591-2]', () =>
    refused({ token_endpoint_auth_method: undefined }, 'client_metadata_malformed'));

  it.each(['implicit', 'password', 'urn:openid:params:grant-type:ciba', 'urn:ietf:params:oauth:grant-type:jwt-bearer'])(
    'with the grant type %s [FAPI2-SP-FINAL-5.3.2.1-3]',
    (type) => refused({ grant_types: ['authorization_code', type] }, 'client_metadata_not_allowed'),
  );

  it.each([{ grant_types: [] }, { grant_types: undefined }, { grant_types: 'authorization_code' }])(
    'without a list of grant types: %j [RFC7591-2]',
    (changes) => refused(changes, 'client_metadata_malformed'),
  );

  it('when its tokens would be bound to nothing [FAPI2-SP-FINAL-5.3.2.1-4]', () =>
    refused({ tls_client_certificate_bound_access_tokens: false }, 'client_metadata_not_allowed'));

  it('when its tokens would be bound by DPoP under FAPI 1.0 [FAPI1-ADV-5.2.2-6]', () =>
    refused({ dpop_bound_access_tokens: true }, 'client_metadata_not_allowed', undefined, 'fapi1-advanced'));

  it.each(['true', 1, null])('with a flag that is %j [RFC8705-3.4]', (flag) =>
    refused(
      { tls_client_certificate_bound_access_tokens: flag },
      flag === null ? 'client_metadata_not_allowed' : 'client_metadata_malformed',
    ),
  );

  it.each([
    'http://first.test/callback',
    'https://first.test/callback#part',
    'https://user@first.test/callback',
    'https://*.first.test/callback',
    'https://first.test/*',
    'first.app:/callback',
    'javascript:alert(1)',
    '/callback',
    'https://first.test/call back',
    'https:first.test/callback',
    'https:///first.test/callback',
    'https:\\\\first.test/callback',
    'https://first.test\\@evil.test/callback',
  ])('with the redirect URI %s [FAPI2-SP-FINAL-5.3.2.2-8]', (uri) =>
    refused(
      { redirect_uris: ['https://first.test/callback', uri] },
      'redirect_uri_not_allowed',
      'invalid_redirect_uri',
    ),
  );

  it('without a redirect URI for its codes [RFC7591-2]', () =>
    refused({ redirect_uris: undefined }, 'redirect_uri_missing', 'invalid_redirect_uri'));

  it.each([
    ['two selectors', { ...TLS, tls_client_auth_san_uri: 'https://first.test' }],
    ['no selector', { ...TLS, tls_client_auth_san_dns: undefined }],
    ['a wildcard', { ...TLS, tls_client_auth_san_dns: '*.first.test' }],
    [
      'a DN as OpenSSL prints it',
      { ...TLS, tls_client_auth_san_dns: undefined, tls_client_auth_subject_dn: '/CN=first' },
    ],
    ['a selector that is a list', { ...TLS, tls_client_auth_san_dns: ['first.test'] }],
  ])('with %s [RFC8705-2.1.2]', (_, changes) => refused(changes, 'client_metadata_malformed'));

  it('for tls_client_auth when no authority vouches for the client [RFC8705-7.4]', () => {
    const terms = { clientId: 'x', profileName: 'fapi2-security', profile: PROFILE, detailTypes: [] } as const;
    const attempt = () => clientFromMetadata({ ...GOOD, ...TLS }, { ...terms, authority: undefined });
    expect(attempt).toThrow(/client_metadata_not_allowed/);
  });

  it('for self_signed_tls_client_auth without a certificate in its keys [RFC8705-2.2.2]', () =>
    refused({ token_endpoint_auth_method: 'self_signed_tls_client_auth' }, 'client_metadata_malformed'));

  it('for private_key_jwt without keys [OIDC-REGISTRATION-2]', () =>
    refused({ jwks: undefined }, 'client_metadata_malformed'));

  it('for a profile that signs, without keys [FAPI2-MS-FINAL-5.3.1-1]', () =>
    refused(TLS, 'client_metadata_not_allowed', undefined, 'fapi2-message-signing'));

  it.each<[string, ClientMetadata]>([
    ['both keys and their address', { jwks_uri: 'https://first.test/jwks' }],
    ['keys at an address without TLS', { jwks: undefined, jwks_uri: 'http://first.test/jwks' }],
    ['keys at half an address', { jwks: undefined, jwks_uri: 'https:first.test/jwks' }],
    ['keys behind a user name', { jwks: undefined, jwks_uri: 'https://user@first.test/jwks' }],
    ['keys in a file', { jwks: undefined, jwks_uri: 'file:///etc/passwd' }],
    ['no set', { jwks: [] }],
    ['an empty set', { jwks: { keys: [] } }],
    ['too many keys', { jwks: { keys: Array.from({ length: 11 }, (_, i) => ({ ...signer.jwk, kid: `k${i}` })) } }],
    ['two keys of one name', { jwks: { keys: [signer.jwk, signer.jwk] } }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'x' }] } }],
    ['a private key', { jwks: { keys: [{ ...signer.jwk, ...signer.privateKey.export({ format: 'jwk' }) }] } }],
    ['a weak RSA key', { jwks: { keys: [weakRsa()] } }],
    ['a weak RSA key with zeros in front [FAPI2-SP-FINAL-5.4.1-2]', { jwks: { keys: [padded(weakRsa())] } }],
    ['an RSA key under which anybody signs [RFC8017-3.1]', { jwks: { keys: [{ ...rsa.jwk, e: 'AQ' }] } }],
    ['an RSA key whose modulus is a list', { jwks: { keys: [{ ...rsa.jwk, n: ['x'] }] } }],
    ['a point beside its curve [RFC7518-6.2.1]', { jwks: { keys: [{ ...signer.jwk, x: signer.jwk.y }] } }],
    ['another curve', { jwks: { keys: [otherCurve()] } }],
    ['a certificate over another key', { jwks: { keys: [{ ...signer.jwk, x5c: certified.x5c }] } }],
    ['a certificate that is none', { jwks: { keys: [{ ...certified, x5c: ['AAAA'] }] } }],
    ['a key that is null', { jwks: { keys: [null] } }],
  ])('with %s [RFC7517-4]', (_, changes) => refused(changes, 'client_metadata_malformed'));

  it.each([
    ['id_token_signed_response_alg', 'RS256'],
    ['id_token_signed_response_alg', 'none'],
    ['request_object_signing_alg', 'none'],
    ['authorization_signed_response_alg', 'HS256'],
    ['token_endpoint_auth_signing_alg', 'RS256'],
    ['introspection_signed_response_alg', 'ES512'],
  ])('with %s %s [FAPI2-SP-FINAL-5.4.1-1]', (member, alg) => refused({ [member]: alg }, 'client_metadata_not_allowed'));

  it('with EdDSA under FAPI 1.0 [FAPI1-ADV-8.6]', () =>
    refused({ id_token_signed_response_alg: 'EdDSA' }, 'client_metadata_not_allowed', undefined, 'fapi1-advanced'));

  it.each(['code id_token', 'token', 'id_token'])('with the response type %s [FAPI2-SP-FINAL-5.3.2.2-1]', (type) =>
    refused({ response_types: ['code', type] }, 'client_metadata_not_allowed'),
  );

  it('with a scope nobody knows [RFC6749-3.3]', () =>
    refused({ scope: 'openid admin' }, 'client_metadata_not_allowed'));

  it('with a type of details nobody knows [RFC9396-10]', () =>
    refused({ authorization_details_types: ['payment_initiation'] }, 'client_metadata_not_allowed'));

  it.each([
    { client_name: undefined },
    { client_name: '' },
    { client_name: 'x'.repeat(81) },
    { client_name: 'a\nb' },
    { client_name: 'a\u202eb' },
    { client_name: '\u3164' },
    { client_name: '\ud800' },
    { client_name: 7 },
  ])('without a name one can show: %j [RFC7591-2]', (changes) => refused(changes, 'client_metadata_malformed'));

  it.each<[string, ClientMetadata, string]>([
    ['push', { ...CIBA, backchannel_token_delivery_mode: 'push' }, 'client_metadata_not_allowed'],
    ['no mode', { ...CIBA, backchannel_token_delivery_mode: undefined }, 'client_metadata_malformed'],
    ['ping to nowhere', { ...CIBA, backchannel_token_delivery_mode: 'ping' }, 'client_metadata_malformed'],
    [
      'ping without TLS',
      {
        ...CIBA,
        backchannel_token_delivery_mode: 'ping',
        backchannel_client_notification_endpoint: 'http://first.test/cb',
      },
      'client_metadata_malformed',
    ],
  ])('for CIBA with %s [FAPI-CIBA-5.2.2-3]', (_, changes, reason) => refused(changes, reason, undefined, 'fapi-ciba'));

  it('with a delivery mode but without the grant type [CIBA-CORE-4]', () =>
    refused(
      { grant_types: ['refresh_token'], backchannel_token_delivery_mode: 'poll' },
      'client_metadata_not_allowed',
      undefined,
      'fapi-ciba',
    ));
});

describe('client metadata', () => {
  it('becomes a registration, with ES256 where no algorithm is named [RFC7591-2]', () => {
    expect(register({})).toMatchObject({
      id: 'first',
      name: 'First',
      profile: 'fapi2-security',
      disabled: false,
      authentication: { method: 'private_key_jwt', algorithm: 'ES256' },
      senderConstraints: ['mtls'],
      responseTypes: ['code'],
      scopes: ['openid', 'profile'],
      detailTypes: DETAILS,
      idTokenAlgorithm: 'ES256',
      requestObjectAlgorithm: 'ES256',
    });
  });

  it.each(['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'])(
    'registers by tls_client_auth_%s [RFC8705-2.1.2]',
    (kind) => {
      const values: Record<string, string> = {
        subject_dn: 'CN=first,O=First',
        san_dns: 'first.test',
        san_uri: 'https://first.test/client',
        san_ip: '192.0.2.7',
        san_email: 'ops@first.test',
      };
      const registered = register({
        ...TLS,
        tls_client_auth_san_dns: undefined,
        [`tls_client_auth_${kind}`]: values[kind],
      });
      expect(registered.authentication).toMatchObject({
        method: 'tls_client_auth',
        subject: { kind, value: values[kind] },
      });
    },
  );

  it('registers a certificate of its own making [RFC8705-2.2.2]', () => {
    const registered = register({
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: { keys: [certified] },
    });
    expect(registered.authentication).toEqual({ method: 'self_signed_tls_client_auth' });
  });

  it('binds to certificate and proof at once when both are asked for [RFC9449-5.2]', () => {
    expect(register({ dpop_bound_access_tokens: true }).senderConstraints).toEqual(['mtls', 'dpop']);
  });

  it('registers CIBA with ping [CIBA-CORE-4]', () => {
    const endpoint = 'https://first.test/ciba';
    const ping = { backchannel_token_delivery_mode: 'ping', backchannel_client_notification_endpoint: endpoint };
    expect(register({ ...CIBA, ...ping }, 'fapi-ciba').ciba).toEqual({ mode: 'ping', notificationEndpoint: endpoint });
  });

  it('ignores members nobody knows [RFC7591-2]', () => {
    expect(register({ logo_uri: 'https://first.test/logo', software_id: 'x' })).not.toHaveProperty('logo_uri');
  });
});

const padded = ({ n = '', ...jwk }: JsonWebKey & { kid: string }) => ({
  ...jwk,
  n: Buffer.concat([Buffer.alloc(128), Buffer.from(n, 'base64url')]).toString('base64url'),
});

function weakRsa() {
  return { ...generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }), kid: 'weak' };
}

function otherCurve() {
  return { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }), kid: 'p384' };
}
