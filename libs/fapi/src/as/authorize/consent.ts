import type { Trail } from '../../audit.ts';
import { audited } from '../../audit.ts';
import type { AuthorizationResponse } from '../../authorization-response.ts';
import { secondsAfter } from '../../clock.ts';
import { refuse } from '../../errors.ts';
import { grantByConsent } from '../consent/grant.ts';
import type { Approval, AskedOfPerson, Question } from '../consent/question.ts';
import { checkApproval, fingerprintOf, questionFor } from '../consent/question.ts';
import type { Engine } from '../engine.ts';
import type { Grant, IssuedCode } from '../state.ts';
import { askedClaims, issueFrontChannelIdToken } from '../token/id-token.ts';
import type { Login } from './next-step.ts';
import { respond } from './response.ts';
import type { PendingRequest } from './take-up.ts';
import { notUsable } from './take-up.ts';

/** What the consent page shows. */
export interface ConsentQuestion extends Question {
  readonly redirectUri: string;
  /** Fingerprint of all the above; comes back with the approval. */
  readonly hash: string;
}

/**
 * Puts together what the consent page shows. FAPI2-SP-FINAL-5.3.2.2-13 [AUTH-32]: client, scopes and details as they were
 * pushed, so that nobody agrees to something else. The bank is asked which accounts this person may share.
 * @param since when the request was taken up; the grant's end counts from here, so that it is the same at approval
 * @throws OAuthError `temporarily_unavailable` as a page when the bank cannot be asked
 */
export async function askForConsent(
  as: Engine,
  pending: PendingRequest,
  login: Login,
  since: Date,
): Promise<ConsentQuestion> {
  const asked = askedBy(pending, login, since);
  const question = { ...(await questionFor(as, asked)), redirectUri: pending.request.redirectUri };
  return { ...question, hash: fingerprintOf(asked, question) };
}

/**
 * Approves a request: records the consent at the bank, then the grant and its code in one step.
 *
 * @returns how the code gets home
 * @throws OAuthError as a local page, also when what was shown is not what would be granted now
 */
export function approveAuthorization(
  as: Engine,
  pending: PendingRequest,
  login: Login,
  since: Date,
  approval: Approval,
): Promise<AuthorizationResponse> {
  return audited(as.audit, 'authorize.approve', trailOf(pending, login), async (trail) => {
    const question = await askForConsent(as, pending, login, since);
    const accounts = checkApproval(question, approval);

    const consented = await grantByConsent(as, askedBy(pending, login, since), question, accounts);
    const { claims } = pending.request;
    const grant = { ...consented.grant, ...(claims === undefined ? {} : { userinfoClaims: claims.userinfo }) };
    const code = as.random.token(as.profile.secretBits);
    const issued = await codeFor(as, pending, login, grant);
    const now = as.clock.now();
    const completed = await as.state.completeAuthorization({
      requestUri: pending.requestUri,
      now,
      ...consented,
      grant,
      code,
      issued,
      codeUntil: secondsAfter(now, as.profile.codeLifetime),
    });
    if (!completed) throw notUsable('request_uri_used');
    trail.grant = grant.id;
    return respond(as, pending, { code, ...(await frontChannelIdToken(as, pending, issued, code)) });
  });
}

/**
 * Denies a request. The request is dead afterwards.
 * @throws OAuthError `access_denied` by redirect; or a local page when the request had ended already
 */
export function denyAuthorization(as: Engine, pending: PendingRequest, login: Login): Promise<never> {
  return audited(as.audit, 'authorize.approve', trailOf(pending, login), async () => {
    const ended = await as.state.refuseAuthorization(pending.requestUri, as.clock.now());
    if (!ended) throw notUsable('request_uri_used');
    const response = await respond(as, pending, { error: 'access_denied' });
    throw refuse('access_denied', 'consent_denied', { show: 'redirect', response });
  });
}

const askedBy = ({ client, request, requestUri }: PendingRequest, login: Login, since: Date): AskedOfPerson => ({
  handle: requestUri,
  client,
  subject: login.subject,
  scopes: request.scopes,
  details: request.authorizationDetails,
  since,
});

async function codeFor(
  as: Engine,
  { client, request }: PendingRequest,
  login: Login,
  grant: Grant,
): Promise<IssuedCode> {
  return {
    clientId: client.id,
    grantId: grant.id,
    subject: login.subject,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.dpopJkt === undefined ? {} : { dpopJkt: request.dpopJkt }),
    idTokenClaims: await askedClaims(as, request, login),
  };
}

// OIDC-CORE-3.3.2.11: an ID token beside the code, tied to code and state by their hashes.
async function frontChannelIdToken(
  as: Engine,
  { client, request }: PendingRequest,
  issued: IssuedCode,
  code: string,
): Promise<{ id_token?: string }> {
  if (request.responseType !== 'code id_token') return {};
  return { id_token: await issueFrontChannelIdToken(as, client, issued, { code, state: request.state }) };
}

const trailOf = (pending: PendingRequest, login: Login): Trail => ({
  client: pending.client.id,
  subject: login.subject,
});
