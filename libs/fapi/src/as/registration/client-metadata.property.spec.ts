import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import { POLICIES, PROFILE, PROFILE_NAMES } from '../../profile.ts';
import type { ProfileName } from '../../profile.ts';
import { clientSigner } from '../../testing/client-signer.ts';
import { anyText, damagedText } from '../../testing/jws.ts';
import type { RegisteredClient } from '../clients.ts';
import { CLIENT_METADATA_MEMBERS, clientFromMetadata } from './client-metadata.ts';
import type { ClientMetadata } from './metadata-members.ts';

const signer = clientSigner('ES256');
const TERMS = {
  clientId: 'first',
  profile: PROFILE,
  authority: { hasIssued: () => false },
  detailTypes: [{ type: 'account_information', actions: ['read_balances'], locations: ['https://bank.test'] }],
};
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

/** The registration, or undefined where it was refused; nothing else may happen. */
function register(metadata: ClientMetadata, profileName: ProfileName = 'fapi2-security'): RegisteredClient | undefined {
  try {
    return clientFromMetadata(metadata, { ...TERMS, profileName });
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({
      code: expect.stringMatching(/^invalid_(client_metadata|redirect_uri)$/),
      status: 400,
    });
    return undefined;
  }
}

const VALUES = [
  ...['none', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'client_secret_basic', 'RS256'],
  ...['ES256', 'PS256', 'EdDSA', 'code', 'code id_token', 'code token', 'openid', 'openid profile', 'admin', 'poll'],
  ...['ping', 'push', 'first.test', '*.first.test', 'CN=first', 'https://first.test/jwks', 'http://first.test/jwks'],
  ...['authorization_code', 'implicit', 'refresh_token', 'urn:openid:params:grant-type:ciba', 'account_information'],
];
const value = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, 1, true, false, 'true', {}, [], [null], ['', ''], [[]]),
  fc.constantFrom(...VALUES),
  fc.array(fc.constantFrom(...VALUES), { maxLength: 3 }),
);
const changes = fc.dictionary(fc.constantFrom(...CLIENT_METADATA_MEMBERS, '__proto__', 'constructor'), value, {
  maxKeys: 4,
});

describe('client metadata [RFC7591-2]', () => {
  it('that is taken stays within the policy of its profile [FAPI2-SP-FINAL-5.3.2.1]', () => {
    fc.assert(
      fc.property(changes, fc.constantFrom(...PROFILE_NAMES), (odd, profileName) => {
        const client = register({ ...GOOD, ...odd }, profileName);
        if (client === undefined) return;
        const policy = POLICIES[profileName];
        const { authentication: auth } = client;
        expect(PROFILE.clientAuthenticationMethods).toContain(auth.method);
        if (auth.method === 'private_key_jwt') expect(policy.algorithms).toContain(auth.algorithm);
        for (const algorithm of [client.idTokenAlgorithm, client.requestObjectAlgorithm])
          expect(policy.algorithms).toContain(algorithm);
        expect(client.senderConstraints.length).toBeGreaterThan(0);
        expect(policy.senderConstraints).toEqual(expect.arrayContaining([...client.senderConstraints]));
        expect(client.grantTypes.length).toBeGreaterThan(0);
        expect(policy.grantTypes).toEqual(expect.arrayContaining([...client.grantTypes]));
        expect(Object.keys(policy.responses)).toEqual(expect.arrayContaining([...client.responseTypes]));
        if (client.grantTypes.includes('authorization_code')) expect(client.redirectUris.length).toBeGreaterThan(0);
        if (policy.requestObject === 'required') expect(client.jwks.kind).not.toBe('none');
        expect([...PROFILE.scopes, ...PROFILE.clientScopes]).toEqual(expect.arrayContaining([...client.scopes]));
      }),
    );
  });

  it('names the client so that nothing in the name is hidden or turns what stands around it', () => {
    const sign = fc.constantFrom(
      ...['A', ' ', 'é', '\u202e', '\u200b', '\u2028', '\u3164', '\ud800', '\ue000', '\0', '\n'],
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: sign, maxLength: 6 }), anyText(10)), (name) => {
        const client = register({ ...GOOD, client_name: name });
        if (client === undefined) return;
        expect(client.name).toBe(name);
        expect(Buffer.from(name).toString()).toBe(name);
        expect(name).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|^$/u);
      }),
    );
  });

  it('is taken or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...CLIENT_METADATA_MEMBERS), fc.anything()), (odd) => {
        expect(register(odd)).toBeUndefined();
        register({ ...GOOD, ...odd });
      }),
    );
  });
});

const piece = fc.constantFrom(
  ...['https:', 'HTTPS:', 'http:', 'javascript:', 'data:', '//', '/', '///', '\\', '\\\\', 'first.test', 'evil.test'],
  ...['@', ':', ':443', '#', '?', '*', '/callback', '/..', '%00', '%2e', ' ', '\t', '\n', '\0', 'é', '[::1]', '.'],
);
const uri = fc.oneof(
  fc.array(piece, { maxLength: 5 }).map((parts) => parts.join('')),
  fc.array(piece, { maxLength: 3 }).map((parts) => `https:${parts.join('')}first.test/callback`),
  damagedText('https://first.test/callback'),
);

/** RFC3986-B: the parts of a URI as an outside reader takes them. */
const partsOf = (text: string) => {
  const [, scheme, authority = '', path, query, fragment] =
    /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  return { scheme: scheme?.toLowerCase(), authority, path, query, fragment };
};

describe('a registered URI [FAPI2-SP-FINAL-5.3.2.2-8] [RFC6749-3.1.2]', () => {
  it('of a redirect is https, complete, and leads every reader to one and the same host', () => {
    fc.assert(
      fc.property(uri, (redirect) => {
        const client = register({ ...GOOD, redirect_uris: [redirect] });
        if (client === undefined) return;
        expect(client.redirectUris).toEqual([redirect]);
        const { scheme, authority, fragment } = partsOf(redirect);
        expect({ scheme, fragment }).toEqual({ scheme: 'https', fragment: undefined });
        expect(authority).not.toMatch(/[@\\]|^$/);
        // A browser resolves what is sent home against the address it comes from.
        expect(new URL(redirect, 'https://auth.test/consent').host).toBe(new URL(`https://${authority}`).host);
        expect(redirect).toMatch(/^[\x21-\x7e]+$/);
        expect(redirect).not.toContain('\\');
      }),
    );
  });

  it('of keys and of notifications is one too [CIBA-CORE-4] [RFC7591-2]', () => {
    const { jwks: _, ...rest } = GOOD;
    fc.assert(
      fc.property(uri, (address) => {
        const ciba = {
          grant_types: ['urn:openid:params:grant-type:ciba'],
          backchannel_token_delivery_mode: 'ping',
          backchannel_client_notification_endpoint: address,
        };
        const remote = register({ ...rest, jwks_uri: address });
        const pinged = register({ ...GOOD, ...ciba }, 'fapi-ciba');
        expect(remote === undefined).toBe(pinged === undefined);
        if (remote === undefined) return;
        const { scheme, authority } = partsOf(address);
        expect(scheme).toBe('https');
        expect(authority).not.toMatch(/[@\\]|^$/);
        expect(new URL(address).host).toBe(new URL(`https://${authority}`).host);
      }),
    );
  });
});
