import { having } from '../signer.ts';
import { BOTH_GO_ON, BOTH_REFUSE } from './fault.ts';
import type { Fault } from './fault.ts';

const before = 'par' as const;

/** Discovery, and the first direct call. */
export const metadataFaults: readonly Fault[] = [
  {
    title: 'metadata of another issuer',
    bend: { metadata: having({ issuer: 'https://evil.localhost' }) },
    reason: 'issuer_mismatch',
    before,
    alone: BOTH_REFUSE,
  },
  {
    title: 'an issuer with a slash more',
    bend: { metadata: (honest) => ({ ...honest, issuer: `${String(honest['issuer'])}/` }) },
    reason: 'issuer_mismatch',
    before,
    alone: BOTH_GO_ON,
  },
  {
    title: 'an issuer in other letters',
    bend: { metadata: (honest) => ({ ...honest, issuer: String(honest['issuer']).replace('auth', 'AUTH') }) },
    reason: 'issuer_mismatch',
    before,
    alone: BOTH_GO_ON,
  },
  {
    title: 'metadata without an issuer',
    bend: { metadata: having({ issuer: undefined }) },
    reason: 'metadata_malformed',
    before,
    alone: BOTH_REFUSE,
  },
  {
    title: 'discovery that redirects',
    bend: ({ otherBank }) => ({ discovery: () => ({ status: 302, headers: { location: otherBank } }) }),
    reason: 'discovery_redirected',
    before,
    alone: BOTH_REFUSE,
  },
  {
    title: 'metadata that is a page',
    bend: { discovery: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' }) },
    reason: 'metadata_malformed',
    before,
    alone: BOTH_REFUSE,
  },
  {
    title: 'mTLS aliases that are no table',
    bend: { metadata: having({ mtls_endpoint_aliases: 'https://mtls.auth.localhost' }) },
    reason: 'metadata_malformed',
    before,
    // Not by judging it: they stumble over it.
    alone: BOTH_REFUSE,
  },
  {
    title: 'an authorization endpoint without TLS',
    bend: { metadata: having({ authorization_endpoint: 'http://auth.localhost/authorize' }) },
    reason: 'endpoint_not_https',
    before,
    alone: { oauth4webapi: 'goes on', 'openid-client': 'refuses' },
  },
  {
    title: 'a token endpoint without TLS, before the request is pushed',
    bend: ({ mtls }) => ({
      metadata: having({
        mtls_endpoint_aliases: {
          pushed_authorization_request_endpoint: `${mtls}/par`,
          token_endpoint: 'http://mtls.auth.localhost/token',
        },
      }),
    }),
    reason: 'endpoint_not_https',
    before,
    alone: BOTH_GO_ON,
  },
  {
    title: 'keys without TLS, before the request is pushed',
    bend: { metadata: having({ jwks_uri: 'http://auth.localhost/jwks' }) },
    reason: 'endpoint_not_https',
    before,
    alone: BOTH_GO_ON,
  },
  {
    title: 'a server without pushed requests',
    bend: { metadata: having({ pushed_authorization_request_endpoint: undefined, mtls_endpoint_aliases: undefined }) },
    reason: 'endpoint_missing',
    before: 'authorize',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a server without an authorization endpoint',
    bend: { metadata: having({ authorization_endpoint: undefined }) },
    reason: 'endpoint_missing',
    before: 'authorize',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a pushed request answered with 200',
    bend: { par: (honest) => ({ ...honest, status: 200 }) },
    reason: 'pushed_request_malformed',
    before: 'authorize',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a pushed request answered without request_uri',
    bend: { par: () => ({ status: 201, body: { expires_in: 60 } }) },
    reason: 'pushed_request_malformed',
    before: 'authorize',
    alone: BOTH_REFUSE,
  },
  {
    title: 'a pushed request answered with a redirect',
    bend: ({ otherBank }) => ({ par: () => ({ status: 307, headers: { location: otherBank } }) }),
    reason: 'back_channel_redirected',
    before: 'other bank',
    alone: BOTH_REFUSE,
  },
];
