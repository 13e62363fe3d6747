import type { Trail } from '../../audit.ts';
import { audited } from '../../audit.ts';
import { epochSeconds } from '../../clock.ts';
import { OAuthError } from '../../errors.ts';
import { readForm, required } from '../../form.ts';
import type { JudgedAccessToken } from '../../wire/access-token.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import { parseConfirmation } from '../../wire/confirmation.ts';
import { formatScope } from '../../wire/scope.ts';
import type { TokenScheme } from '../../wire/token-presentation.ts';
import { schemeFor } from '../../wire/token-presentation.ts';
import { authenticateClient } from '../client-auth/authenticate.ts';
import type { RegisteredClient } from '../clients.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { trailOf } from '../engine.ts';

/** What introspection tells. RFC7662-2.2, RFC8705-3.2 [INFO-04], RFC9449-6.2, RFC9396-9.2. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly client_id: string;
      readonly sub: string;
      readonly exp: number;
      readonly iss: string;
      readonly scope?: string;
      readonly iat?: number;
      readonly jti?: string;
      readonly token_type?: TokenScheme;
      readonly cnf?: unknown;
      readonly authorization_details?: readonly AuthorizationDetail[];
    };

/** The answer as it goes out: JSON, or a signed statement for a caller that asked for one. */
export type IntrospectionResponse =
  { readonly kind: 'json'; readonly body: Introspection } | { readonly kind: 'jwt'; readonly body: string };

/** `typ` and media type of a signed answer. RFC9701-4, RFC9701-5. */
const SIGNED_TYPE = 'token-introspection+jwt';

/**
 * Tells a client about one of its own tokens.
 *
 * RFC7662-2.2 [INFO-03] [INFO-05] [INFO-06] [INFO-07]: unknown, expired, revoked and foreign tokens all give the same
 * answer, so that nobody can scan for tokens.
 *
 * @throws OAuthError `invalid_client` when the caller is not authenticated; RFC7662-2.1 [INFO-01]
 */
export function introspect(as: Engine, request: EndpointRequest): Promise<IntrospectionResponse> {
  return audited(as.audit, 'introspection.read', trailOf(request), async (trail) => {
    const form = readForm(request.form);
    const client = await authenticateClient(as, form, request, trail);
    const token = required(form, 'token');
    const told: Introspection = (await describeAccessToken(as, client, token, trail)) ??
      (await describeRefreshToken(as, client, token, trail)) ?? { active: false };
    return wantsSigned(request) ? { kind: 'jwt', body: await signed(as, client, told) } : { kind: 'json', body: told };
  });
}

// RFC9701-4: asked for by content negotiation.
const wantsSigned = ({ accept }: EndpointRequest): boolean =>
  (accept ?? '').split(',').some((range) => range.split(';')[0]?.trim().toLowerCase() === `application/${SIGNED_TYPE}`);

// RFC9701-5 [INFO-02]: what is said of the token stands in one claim, so that none of it can be taken for a statement
// about this JWT.
const signed = (as: Engine, client: RegisteredClient, told: Introspection): Promise<string> =>
  as.keys.sign(client.introspectionAlgorithm, SIGNED_TYPE, {
    iss: as.issuer,
    aud: client.id,
    iat: epochSeconds(as.clock.now()),
    token_introspection: told,
  });

async function describeAccessToken(
  as: Engine,
  client: RegisteredClient,
  token: string,
  trail: Trail,
): Promise<Introspection | undefined> {
  const judged = await ownAccessToken(as, token, trail);
  if (judged === undefined || judged.clientId !== client.id) return undefined;
  trail.grant = judged.grantId;
  if (await as.state.isRevoked(judged.tokenId, judged.grantId)) return { active: false };
  return {
    active: true,
    iss: as.issuer,
    client_id: judged.clientId,
    sub: judged.subject,
    exp: epochSeconds(judged.expiresAt),
    iat: epochSeconds(judged.issuedAt),
    jti: judged.tokenId,
    // RFC9449-6.2: whoever is told of a token is told, too, how it is presented.
    token_type: schemeFor(parseConfirmation(judged.cnf)),
    cnf: judged.cnf,
    ...(judged.scopes.length === 0 ? {} : { scope: formatScope(judged.scopes) }),
    ...(judged.authorizationDetails.length === 0 ? {} : { authorization_details: judged.authorizationDetails }),
  };
}

async function describeRefreshToken(
  as: Engine,
  client: RegisteredClient,
  token: string,
  trail: Trail,
): Promise<Introspection | undefined> {
  const now = as.clock.now();
  const found = await as.state.findRefreshToken(token, now);
  const grant = found && !found.expired && !found.replaced ? await as.state.findGrant(found.grantId) : undefined;
  if (grant === undefined || grant.clientId !== client.id) return undefined;
  trail.grant = grant.id;
  if (grant.revokedAt !== undefined || grant.expiresAt <= now) return { active: false };
  return {
    active: true,
    iss: as.issuer,
    client_id: grant.clientId,
    sub: grant.subject,
    exp: epochSeconds(grant.expiresAt),
    ...(grant.scopes.length === 0 ? {} : { scope: formatScope(grant.scopes) }),
  };
}

/** An access token of this server, or nothing: why it is none is for the trail alone. */
export async function ownAccessToken(as: Engine, token: string, trail: Trail): Promise<JudgedAccessToken | undefined> {
  try {
    return await as.accessTokens.judge(token);
  } catch (error) {
    if (!(error instanceof OAuthError) || error.code !== 'invalid_token') throw error;
    trail.evidence = { ...trail.evidence, notAnAccessToken: error.reason };
    return undefined;
  }
}
