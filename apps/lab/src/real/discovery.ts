import type { Caller } from '../wire/caller.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import { describeAnswer } from '../wire/wire-answer.ts';

/** The back-channel endpoints a client calls. */
export interface Endpoints {
  readonly par: string;
  readonly token: string;
  readonly introspection: string;
  readonly revocation: string;
}

/** What the authorization server says about itself, as far as the lab uses it. */
export interface Discovery {
  readonly issuer: string;
  readonly authorization: string;
  /** On the host that asks for client certificates. RFC8705-5 */
  readonly mtls: Endpoints;
  /** The same endpoints on the ordinary host, where nobody can show one. */
  readonly ordinary: Endpoints;
}

/**
 * Reads the metadata and believes it only under its own name. RFC8414-3.3, OIDC-DISCOVERY-4.3
 * @throws Error when the server is away, or is not the issuer it should be
 */
export async function discover(caller: Caller, issuer: string): Promise<Discovery> {
  const exchange = await httpsCall(caller, { method: 'GET', url: `${issuer}/.well-known/openid-configuration` });
  if (exchange.status !== 200)
    throw new Error(`the authorization server at ${issuer} does not answer: ${describeAnswer(exchange.answer)}`);
  const metadata = jsonOf(exchange);
  if (metadata['issuer'] !== issuer) throw new Error(`the metadata at ${issuer} belong to another issuer`);
  const aliases = (metadata['mtls_endpoint_aliases'] ?? {}) as Readonly<Record<string, unknown>>;
  return {
    issuer,
    authorization: textIn(metadata, 'authorization_endpoint'),
    ordinary: endpointsIn(metadata),
    // RFC8705-5: an endpoint without an alias is used as it stands at top level.
    mtls: endpointsIn({ ...metadata, ...aliases }),
  };
}

function endpointsIn(metadata: Readonly<Record<string, unknown>>): Endpoints {
  return {
    par: textIn(metadata, 'pushed_authorization_request_endpoint'),
    token: textIn(metadata, 'token_endpoint'),
    introspection: textIn(metadata, 'introspection_endpoint'),
    revocation: textIn(metadata, 'revocation_endpoint'),
  };
}

function textIn(metadata: Readonly<Record<string, unknown>>, name: string): string {
  const value = metadata[name];
  if (typeof value !== 'string') throw new Error(`the metadata have no ${name}`);
  return value;
}
