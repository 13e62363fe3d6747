import { describe, expect, it } from 'vitest';
import { engineFixture } from '../../testing/engine-fixture.ts';
import { metadata } from './metadata.ts';

const { engine } = await engineFixture();
const document = metadata(engine);

describe('the metadata', () => {
  it('names an issuer without query and fragment [RFC8414-2]', () => {
    expect(document['issuer']).toBe('https://auth.test');
  });

  it('advertises iss in responses, PAR and bound tokens [FAPI2-SP-FINAL-5.3.2.2-7]', () => {
    expect(document).toMatchObject({
      authorization_response_iss_parameter_supported: true,
      require_pushed_authorization_requests: true,
      tls_client_certificate_bound_access_tokens: true,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      token_endpoint_auth_methods_supported: ['tls_client_auth'],
    });
  });

  it('aliases only endpoints that exist at the top, and never the authorization endpoint [RFC8705-5]', () => {
    const aliases = document['mtls_endpoint_aliases'] as Record<string, string>;
    expect(Object.keys(aliases)).not.toContain('authorization_endpoint');
    for (const [name, url] of Object.entries(aliases)) {
      expect(name).toMatch(/_endpoint$/);
      expect(document).toHaveProperty(name);
      expect(url).toMatch(/^https:\/\/mtls\.auth\.test\//);
    }
    expect(Object.keys(aliases)).toHaveLength(5);
  });

  it.each(Object.entries(document).filter(([name]) => name.endsWith('_signing_alg_values_supported')))(
    '%s holds neither RS256 nor none [FAPI2-SP-FINAL-5.4.1-1]',
    (_, algorithms) => {
      expect(algorithms).toEqual(['ES256']);
    },
  );

  it('publishes keys with a kid and without a private member [RFC7517-5]', () => {
    for (const key of engine.keys.publicJwks.keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      expect(key.kid).toBeTruthy();
    }
  });
});
