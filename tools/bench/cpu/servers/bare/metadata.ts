export interface Endpoints {
  readonly issuer: string;
  readonly mtls: string;
}

/** Where the endpoints are: all that the load needs to know. RFC8414-2, RFC8705-5. */
export function metadata({ issuer, mtls }: Endpoints): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    mtls_endpoint_aliases: {
      pushed_authorization_request_endpoint: `${mtls}/par`,
      token_endpoint: `${mtls}/token`,
      introspection_endpoint: `${mtls}/introspect`,
    },
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
  };
}
