import { audited } from '../../audit.ts';
import { epochSeconds } from '../../clock.ts';
import type { OAuthErrorCode, Reason } from '../../errors.ts';
import { refuse } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { respond } from './response.ts';
import type { PendingRequest } from './take-up.ts';

/** Who is logged in at this browser, and since when. */
export interface Login {
  readonly subject: string;
  readonly authenticatedAt: Date;
}

/**
 * Decides what the person has to do next. OIDC-CORE-3.1.2.3, OIDC-CORE-3.1.2.4 [AUTH-34].
 *
 * @param since when the request was taken up: `prompt=login` wants a login made after that
 * @throws OAuthError by redirect when `prompt=none` rules the necessary step out. Consent is always necessary: there is
 *   no silent approval.
 */
export async function nextStep(
  as: Engine,
  pending: PendingRequest,
  login: Login | undefined,
  since: Date,
): Promise<'login' | 'consent'> {
  const needed = isFreshEnough(as, pending, login, since) ? 'consent' : 'login';
  if (pending.request.prompt === 'none') await refuseSilence(as, pending, needed);
  return needed;
}

function isFreshEnough(as: Engine, { request }: PendingRequest, login: Login | undefined, since: Date): boolean {
  if (login === undefined) return false;
  // OIDC-CORE-5.5.1: the client wants this one person; anybody else has to make room for them.
  if (request.claims?.subject !== undefined && request.claims.subject !== login.subject) return false;
  if (request.prompt === 'login' && login.authenticatedAt < since) return false;
  // OIDC-CORE-3.1.2.1: max_age=0 is prompt=login by another name; any login made for this request satisfies it.
  if (request.maxAge === undefined || login.authenticatedAt >= since) return true;
  return epochSeconds(as.clock.now()) - epochSeconds(login.authenticatedAt) <= request.maxAge;
}

async function refuseSilence(as: Engine, pending: PendingRequest, needed: 'login' | 'consent'): Promise<never> {
  const [code, reason]: [OAuthErrorCode, Reason] =
    needed === 'login' ? ['login_required', 'login_needed'] : ['consent_required', 'consent_needed'];
  return audited(as.audit, 'authorize.silent', { client: pending.client.id }, async () => {
    await as.state.refuseAuthorization(pending.requestUri, as.clock.now());
    throw refuse(code, reason, { show: 'redirect', response: await respond(as, pending, { error: code }) });
  });
}
