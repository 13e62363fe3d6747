import type { Engine } from '../engine.ts';

/** Paths of the endpoints, the same on both listeners. */
export const ENDPOINT_PATHS = {
  authorization: '/authorize',
  pushedAuthorizationRequest: '/par',
  token: '/token',
  userinfo: '/userinfo',
  introspection: '/introspect',
  revocation: '/revoke',
  grantManagement: '/grant-management',
  registration: '/register',
  backchannelAuthentication: '/bc-authorize',
  jwks: '/jwks',
} as const;

export type EndpointPath = (typeof ENDPOINT_PATHS)[keyof typeof ENDPOINT_PATHS];

/** Every URL an endpoint is known under: by its own name, and by its alias for clients with certificates. RFC8705-5. */
export const urlsOf = (as: Pick<Engine, 'issuer' | 'mtlsBase'>, path: EndpointPath): readonly [string, string] => [
  as.issuer + path,
  as.mtlsBase + path,
];

/**
 * What the older profiles let a client name as the audience of its assertion, besides the issuer. RFC9126-2, OIDC-CORE-9,
 * CIBA-CORE-7.1.
 */
export const assertionEndpoints = (as: Pick<Engine, 'issuer' | 'mtlsBase'>): readonly string[] => [
  ...urlsOf(as, ENDPOINT_PATHS.token),
  ...urlsOf(as, ENDPOINT_PATHS.pushedAuthorizationRequest),
  ...urlsOf(as, ENDPOINT_PATHS.backchannelAuthentication),
];
