import { describe, expect, it } from 'vitest';
import { engineFixture } from '../../testing/engine-fixture.ts';
import { metadata } from './metadata.ts';

const { engine } = await engineFixture();
const document = metadata(engine);

describe('the metadata', () => {
  it('names an issuer without query and fragment [RFC8414-2] [META-01]', () => {
    expect(document['issuer']).toBe('https://auth.test');
  });

  it('advertises iss in responses, PAR and bound tokens [FAPI2-SP-FINAL-5.3.2.2-7] [RFC9207-3] [META-06] [RFC9126-5] [META-08] [RFC8705-3.3] [META-09] [RFC8414-2] [META-07] [META-10]', () => {
    expect(document).toMatchObject({
      authorization_response_iss_parameter_supported: true,
      require_pushed_authorization_requests: true,
      tls_client_certificate_bound_access_tokens: true,
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt'],
    });
  });

  it('advertises what the profiles in force offer, and nothing of the others [RFC8414-2] [META-17] [JARM-4] [META-12]', () => {
    const security = metadata({ ...engine, profiles: ['fapi2-security'] });
    expect(security).toMatchObject({
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      request_parameter_supported: false,
    });
    expect(security).not.toHaveProperty('authorization_signing_alg_values_supported');
    expect(security).not.toHaveProperty('request_object_signing_alg_values_supported');
    expect(document).toMatchObject({
      response_types_supported: ['code', 'code id_token'],
      response_modes_supported: expect.arrayContaining(['jwt', 'query.jwt', 'form_post.jwt', 'fragment']) as string[],
      request_parameter_supported: true,
    });
  });

  it('aliases only endpoints that exist at the top, and never the authorization endpoint or the keys [RFC8705-5] [META-15] [META-16]', () => {
    const aliases = document['mtls_endpoint_aliases'] as Record<string, string>;
    expect(Object.keys(aliases)).not.toContain('authorization_endpoint');
    expect(Object.keys(aliases)).not.toContain('jwks_uri');
    for (const [name, url] of Object.entries(aliases)) {
      expect(name).toMatch(/_endpoint$/);
      expect(document).toHaveProperty(name);
      expect(url).toMatch(/^https:\/\/mtls\.auth\.test\//);
    }
    expect(Object.keys(aliases)).toHaveLength(7);
  });

  it('advertises asking on another device by poll and ping, never push, where it is in force [FAPI-CIBA-5.2.2-3] [CIBA-16]', () => {
    expect(document).toMatchObject({
      backchannel_authentication_endpoint: 'https://auth.test/bc-authorize',
      mtls_endpoint_aliases: { backchannel_authentication_endpoint: 'https://mtls.auth.test/bc-authorize' },
      backchannel_token_delivery_modes_supported: ['poll', 'ping'],
      backchannel_user_code_parameter_supported: false,
      grant_types_supported: expect.arrayContaining(['urn:openid:params:grant-type:ciba']) as string[],
    });
    const without = metadata({ ...engine, profiles: ['fapi2-security', 'fapi1-advanced'] });
    expect(JSON.stringify(without)).not.toMatch(/backchannel|ciba/);
  });

  it('advertises for signed CIBA requests what its profile allows [FAPI1-ADV-8.6]', () => {
    expect(document['backchannel_authentication_request_signing_alg_values_supported']).toEqual(['PS256', 'ES256']);
  });

  const isList = (name: string) => name.endsWith('_signing_alg_values_supported') && !name.startsWith('backchannel_');
  it.each(Object.entries(document).filter(([name]) => isList(name)))(
    '%s holds neither RS256 nor none [FAPI2-SP-FINAL-5.4.1-1] [META-11]',
    (_, algorithms) => {
      expect(algorithms).toEqual(['ES256', 'PS256', 'EdDSA']);
    },
  );

  it('names the algorithms of DPoP proofs [RFC9449-5.1] [META-13]', () => {
    expect(document['dpop_signing_alg_values_supported']).toEqual(['ES256', 'PS256', 'EdDSA']);
  });

  it('names the types of details, and no other [RFC9396-10] [META-14]', () => {
    expect(document['authorization_details_types_supported']).toEqual(['account_information']);
  });

  it('says what can be done with a grant, and that no request has to name an action [GM-7.1]', () => {
    expect(document).toMatchObject({
      grant_management_endpoint: 'https://auth.test/grant-management',
      mtls_endpoint_aliases: { grant_management_endpoint: 'https://mtls.auth.test/grant-management' },
      grant_management_actions_supported: ['query', 'revoke'],
      grant_management_action_required: false,
    });
  });

  it('publishes keys with a kid and without a private member [RFC7517-5] [FAPI2-SP-FINAL-5.4.2-3] [META-18] [RFC7517-9.2] [META-19]', () => {
    for (const key of engine.keys.publicJwks().keys) {
      expect(key).toMatchObject({ kid: expect.stringMatching(/^[\w-]{43}$/) as string, use: 'sig' });
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) expect(key).not.toHaveProperty(secret);
    }
  });
});
