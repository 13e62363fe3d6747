import { audited } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import { readForm, required } from '../../form.ts';
import type { GrantType } from '../../profile.ts';
import { redeemAuthReqId } from '../ciba/redeem.ts';
import { authenticateClient } from '../client-auth/authenticate.ts';
import type { RegisteredClient } from '../clients.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { trailOf } from '../engine.ts';
import { redeemAuthorizationCode } from './authorization-code.ts';
import { issueForClient } from './client-credentials.ts';
import { refreshAccessToken } from './refresh-token.ts';
import { checkSenderConstraint } from './sender-constraint.ts';
import type { TokenRequest } from './token-request.ts';
import type { TokenResponse } from './token-response.ts';

type GrantHandler = (as: Engine, request: TokenRequest) => Promise<TokenResponse>;

const GRANTS: Readonly<Partial<Record<GrantType, GrantHandler>>> = {
  authorization_code: redeemAuthorizationCode,
  refresh_token: refreshAccessToken,
  client_credentials: issueForClient,
  'urn:openid:params:grant-type:ciba': redeemAuthReqId,
};

/**
 * The token endpoint. RFC6749-3.2, FAPI2-SP-FINAL-5.3.2.1.
 * @throws OAuthError as JSON
 */
export function exchange(as: Engine, request: EndpointRequest): Promise<TokenResponse> {
  return audited(as.audit, actionOf(request), trailOf(request), async (trail) => {
    const form = readForm(request.form);
    const client = await authenticateClient(as, form, request, trail);
    const handle = grantHandler(client, required(form, 'grant_type'));
    const cnf = await checkSenderConstraint(as, client, request);
    return handle(as, { client, form, cnf, trail });
  });
}

function grantHandler(client: RegisteredClient, grantType: string): GrantHandler {
  const handler = isGrantType(grantType) ? GRANTS[grantType] : undefined;
  if (handler === undefined) throw refuse('unsupported_grant_type', 'grant_type_unsupported');
  if (!client.grantTypes.some((registered) => registered === grantType))
    throw refuse('unauthorized_client', 'grant_type_not_allowed');
  return handler;
}

const isGrantType = (text: string): text is keyof typeof GRANTS => Object.hasOwn(GRANTS, text);

/** The audit trail tells the grants apart even when the request is refused before its form was judged. */
function actionOf({ form }: EndpointRequest): string {
  const grantType = form.find(([name]) => name === 'grant_type')?.[1] ?? '';
  return `token.${isGrantType(grantType) ? grantType : 'other'}`;
}
