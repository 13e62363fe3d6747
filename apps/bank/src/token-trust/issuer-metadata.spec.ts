import { describe, expect, it } from 'vitest';
import { metadataUrl, parseJwksUri } from './issuer-metadata.ts';

const ISSUER = 'https://auth.localhost:9443';

describe('where the keys of the issuer are', () => {
  it.each([
    ['another issuer', { issuer: 'https://auth.example:9443', jwks_uri: `${ISSUER}/jwks` }],
    ['the issuer with a slash', { issuer: `${ISSUER}/`, jwks_uri: `${ISSUER}/jwks` }],
    ['no issuer', { jwks_uri: `${ISSUER}/jwks` }],
    ['no jwks_uri', { issuer: ISSUER }],
    ['a plaintext jwks_uri', { issuer: ISSUER, jwks_uri: 'http://auth.localhost:9443/jwks' }],
    ['keys from another origin', { issuer: ISSUER, jwks_uri: 'https://auth.localhost:9444/jwks' }],
    ['no object', 'jwks'],
  ])('refuses metadata with %s [RFC8414-3.3]', (_, document) => {
    expect(() => parseJwksUri(document, ISSUER)).toThrow(Error);
  });

  it('puts the well-known part before the path of an issuer [RFC8414-3.1] [META-05]', () => {
    expect(metadataUrl(ISSUER)).toBe(`${ISSUER}/.well-known/oauth-authorization-server`);
    expect(metadataUrl(`${ISSUER}/bank`)).toBe(`${ISSUER}/.well-known/oauth-authorization-server/bank`);
  });

  it('takes the key set of the issuer itself', () => {
    expect(parseJwksUri({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks`, extra: 1 }, ISSUER)).toBe(`${ISSUER}/jwks`);
  });
});
