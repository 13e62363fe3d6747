import type { ServerMetadata } from 'openid-client';

export type MetadataFault =
  'issuer_mismatch' | 'endpoint_not_https' | 'mtls_alias_missing' | 'iss_parameter_unsupported' | 'jwks_uri_missing';

/** Endpoints Tidepool calls with its certificate. */
const CALLED = ['pushed_authorization_request_endpoint', 'token_endpoint', 'revocation_endpoint'] as const;

/**
 * What the metadata of the bank's login service must hold beyond what the OAuth library checks.
 *
 * @param issuer as configured
 * @returns the first rule that does not hold; undefined when all do
 */
export function findMetadataFault(metadata: ServerMetadata, issuer: string): MetadataFault | undefined {
  // RFC8414-3.3, FAPI2-SP-FINAL-5.3.3.1-11 [CLI-10]: identical, to the letter. The library compares parsed URLs, to which
  // a trailing slash or another letter case make no difference; `iss` in the callback is compared as text, so this must
  // be too.
  if (metadata.issuer !== issuer) return 'issuer_mismatch';
  // RFC9207-3: without `iss` in its answers a mix-up could not be noticed.
  if (metadata.authorization_response_iss_parameter_supported !== true) return 'iss_parameter_unsupported';
  if (metadata.jwks_uri === undefined) return 'jwks_uri_missing';
  // RFC8705-5: the library falls back to the ordinary endpoint when an alias is missing; there nobody asks for our
  // certificate, and the call would go out unauthenticated.
  const aliases = metadata.mtls_endpoint_aliases ?? {};
  if (CALLED.some((name) => typeof aliases[name] !== 'string')) return 'mtls_alias_missing';
  const urls = [metadata.authorization_endpoint, metadata.jwks_uri, ...CALLED.map((name) => aliases[name])];
  if (urls.some((url) => !isHttps(url))) return 'endpoint_not_https';
  return undefined;
}

function isHttps(url: unknown): boolean {
  return typeof url === 'string' && URL.parse(url)?.protocol === 'https:';
}
