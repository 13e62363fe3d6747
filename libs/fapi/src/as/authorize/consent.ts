import { createHash, timingSafeEqual } from 'node:crypto';
import type { Trail } from '../../audit.ts';
import { audited } from '../../audit.ts';
import { epochSeconds, secondsAfter } from '../../clock.ts';
import { refuse } from '../../errors.ts';
import type { AuthorizationDetail } from '../../wire/authorization-details.ts';
import type { Engine } from '../engine.ts';
import type { Grant, IssuedCode } from '../state.ts';
import type { ShareableAccount } from './consent-holder.ts';
import type { Login } from './next-step.ts';
import { codeRedirect, errorRedirect } from './response.ts';
import type { PendingRequest } from './take-up.ts';
import { notUsable } from './take-up.ts';

/** What a person is asked to agree to: exactly what was pushed, and the accounts to choose from. */
export interface ConsentQuestion {
  readonly client: { readonly id: string; readonly name: string };
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly details: readonly AuthorizationDetail[];
  /** Empty when the request does not concern accounts. */
  readonly accounts: readonly ShareableAccount[];
  readonly expiresAt: Date;
  /** Fingerprint of all the above; comes back with the approval. */
  readonly hash: string;
}

/** An approval as the form sent it. */
export interface Approval {
  /** The fingerprint of what was shown. */
  readonly shown: string;
  /** Ids of the accounts the person ticked. */
  readonly accounts: readonly string[];
}

/**
 * Puts together what the consent page shows. The bank is asked which accounts this person may share.
 * @param since when the request was taken up; the grant's end counts from here, so that it is the same at approval
 * @throws OAuthError `temporarily_unavailable` as a page when the bank cannot be asked
 */
export async function askForConsent(
  as: Engine,
  pending: PendingRequest,
  login: Login,
  since: Date,
): Promise<ConsentQuestion> {
  const { client, request, requestUri } = pending;
  const concernsAccounts = request.authorizationDetails.length > 0;
  const question = {
    client: { id: client.id, name: client.name },
    redirectUri: request.redirectUri,
    scopes: request.scopes,
    details: request.authorizationDetails,
    accounts: concernsAccounts ? await as.consents.shareableAccounts(login.subject) : [],
    expiresAt: secondsAfter(since, as.profile.grantLifetime),
  };
  const hash = createHash('sha256')
    .update(JSON.stringify([requestUri, login.subject, question]))
    .digest('base64url');
  return { ...question, hash };
}

/**
 * Approves a request: records the consent at the bank, then the grant and its code in one step.
 *
 * The approval names a fingerprint of what was shown. If what would be granted now differs (an account closed, the client
 * renamed, another login in this browser), nothing is granted: nobody agreed to that.
 *
 * @returns the redirect that carries the code home
 * @throws OAuthError as a local page
 */
export function approveAuthorization(
  as: Engine,
  pending: PendingRequest,
  login: Login,
  since: Date,
  approval: Approval,
): Promise<string> {
  return audited(as.audit, 'authorize.approve', trailOf(pending, login), async (trail) => {
    const question = await askForConsent(as, pending, login, since);
    checkShown(question, approval);
    const accounts = checkSelection(question, approval);

    const consentId = await recordConsent(as, pending, login, question, accounts);
    const grant = makeGrant(as, pending, login, question, accounts, consentId);
    const code = as.random.token(as.profile.secretBits);
    const now = as.clock.now();
    const completed = await as.state.completeAuthorization({
      requestUri: pending.requestUri,
      now,
      grant,
      code,
      issued: codeFor(pending, login, grant),
      codeUntil: secondsAfter(now, as.profile.codeLifetime),
    });
    if (!completed) throw notUsable('request_uri_used');
    trail.grant = grant.id;
    return codeRedirect(as, pending.request, code);
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
    const redirectTo = errorRedirect(as, pending.request, 'access_denied');
    throw refuse('access_denied', 'consent_denied', { show: 'redirect', redirectTo });
  });
}

function checkShown(question: ConsentQuestion, approval: Approval): void {
  const [now, shown] = [Buffer.from(question.hash), Buffer.from(approval.shown)];
  if (now.length !== shown.length || !timingSafeEqual(now, shown))
    throw refuse('invalid_request', 'consent_changed', { show: 'page' });
}

// Ticking nothing is not consent, and an account that was not on the page cannot be ticked.
function checkSelection(question: ConsentQuestion, approval: Approval): readonly string[] {
  if (question.details.length === 0) return [];
  const offered = new Set(question.accounts.map(({ id }) => id));
  const chosen = [...new Set(approval.accounts)];
  if (chosen.length === 0 || !chosen.every((id) => offered.has(id)))
    throw refuse('invalid_request', 'consent_selection_invalid', { show: 'page' });
  return chosen;
}

async function recordConsent(
  as: Engine,
  pending: PendingRequest,
  login: Login,
  question: ConsentQuestion,
  accounts: readonly string[],
): Promise<string | undefined> {
  if (question.details.length === 0) return undefined;
  return as.consents.authorize({
    // The bank learns a fingerprint of the handle, not the handle: it has no use for that.
    requestId: createHash('sha256').update(pending.requestUri).digest('base64url'),
    subject: login.subject,
    client: question.client,
    accounts,
    actions: [...new Set(question.details.flatMap(({ actions }) => actions))],
    expiresAt: question.expiresAt,
  });
}

function makeGrant(
  as: Engine,
  { client, request }: PendingRequest,
  login: Login,
  question: ConsentQuestion,
  accounts: readonly string[],
  consentId: string | undefined,
): Grant {
  return {
    id: as.random.token(128),
    clientId: client.id,
    subject: login.subject,
    scopes: request.scopes,
    // RFC9396-7.1: what the person chose is written into the details the token will carry.
    authorizationDetails: request.authorizationDetails.map((detail) => ({
      ...detail,
      accounts,
      ...(consentId === undefined ? {} : { consent_id: consentId }),
    })),
    ...(consentId === undefined ? {} : { consentId }),
    createdAt: as.clock.now(),
    expiresAt: question.expiresAt,
  };
}

function codeFor({ request }: PendingRequest, login: Login, grant: Grant): IssuedCode {
  return {
    clientId: grant.clientId,
    grantId: grant.id,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    // OIDC-CORE-2: auth_time when max_age was asked; nobody gets a claim they did not ask for.
    ...(request.maxAge === undefined ? {} : { authTime: epochSeconds(login.authenticatedAt) }),
  };
}

const trailOf = (pending: PendingRequest, login: Login): Trail => ({
  client: pending.client.id,
  subject: login.subject,
});
