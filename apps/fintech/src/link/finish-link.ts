import type { BackChannel, ExchangedCode } from '../authorization-server/back-channel.ts';
import { Problem } from '../pages/problem.ts';
import type { Audit, Trail } from '../record-decision.ts';
import { recordDecision } from '../record-decision.ts';
import type { Pairs } from '../session/single-values.ts';
import type { Session } from '../session/sessions.ts';
import type { Visit } from '../session/visits.ts';
import { checkIssuer, isDeclined, readAnswer, readCode } from './authorization-answer.ts';
import type { LinkAttempts } from './link-attempts.ts';
import type { Links } from './links.ts';
import { readSharedDetails } from './shared-details.ts';

export interface FinishLinkParts {
  readonly backChannel: BackChannel;
  readonly attempts: LinkAttempts;
  readonly links: Links;
  readonly audit: Audit;
  /** The bank's origin. */
  readonly bankApi: string;
  readonly redirectUri: string;
}

export type FinishedLink = { readonly outcome: 'linked'; readonly session: Session } | { readonly outcome: 'declined' };

/**
 * Finishes linking, or refuses before the next call is made (RFC9207-2.4 [CLI-24]). The order matters: whose browser,
 * which server, what answer; only then is the code sent anywhere.
 *
 * @param visit the session this browser brought along, if any
 * @throws Problem with the precise reason
 */
export async function finishLink(
  parts: FinishLinkParts,
  visit: Visit | undefined,
  pairs: Pairs,
  interaction: string,
): Promise<FinishedLink> {
  const declined: FinishedLink = { outcome: 'declined' };
  try {
    return await recordDecision(parts.audit, 'link.finish', { interaction }, async (trail) => {
      const { values, state } = readAnswer(pairs);
      if (visit === undefined) throw new Problem('link_refused', { reason: 'session_missing' });
      const attempt = await parts.attempts.take(visit.session, state);
      checkIssuer(values, attempt.issuer);
      if (isDeclined(values)) throw new Declined();
      const code = readCode(values);
      const { redirectUri } = parts;
      const exchanged = await parts.backChannel.exchange({ ...attempt, redirectUri, code, state });
      trail.subject = exchanged.subject;
      trail.presentedThumbprint = exchanged.tokens.thumbprint;
      return { outcome: 'linked', session: await keep(parts, visit, exchanged, attempt.issuer, trail) };
    });
  } catch (error) {
    if (error instanceof Declined) return declined;
    throw error;
  }
}

/** A refusal for the audit trail, and no problem at all for the person who made it. */
class Declined extends Problem {
  constructor() {
    super('link_refused', { reason: 'declined_by_customer' });
  }
}

/** Stores the link under a new session; what cannot be kept is given back. */
async function keep(
  parts: FinishLinkParts,
  visit: Visit,
  { subject, authenticatedAt, tokens }: ExchangedCode,
  issuer: string,
  trail: Trail,
): Promise<Session> {
  try {
    const shared = readSharedDetails(tokens.details, parts.bankApi);
    trail.evidence = { actions: shared.actions.join(' ') };
    return await parts.links.complete(visit.session, { issuer, subject, authenticatedAt, tokens, ...shared });
  } catch (error) {
    const { refreshToken, accessToken } = tokens;
    const hint = refreshToken === undefined ? 'access_token' : 'refresh_token';
    // Access that nobody will use should not stay open; the refusal stands whether or not giving it back succeeds.
    await parts.backChannel.revoke(refreshToken ?? accessToken, hint).catch(() => undefined);
    throw error;
  }
}
