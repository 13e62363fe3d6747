import type { ProcessContext } from '@holdfast/host';
import type { BackChannel } from '../authorization-server/back-channel.ts';
import type { Language } from '../i18n/language.ts';
import { PROFILE } from '../profile.ts';
import type { Audit } from '../record-decision.ts';
import { recordDecision } from '../record-decision.ts';
import type { Visit } from '../session/visits.ts';
import type { LinkAttempts } from './link-attempts.ts';
import { wantedDetails } from './shared-details.ts';

export interface StartLinkParts {
  readonly backChannel: BackChannel;
  readonly attempts: LinkAttempts;
  readonly random: ProcessContext<unknown>['random'];
  readonly audit: Audit;
  readonly issuer: string;
  /** The bank's origin: where the access is for. */
  readonly bankApi: string;
  readonly redirectUri: string;
}

/**
 * Begins to link: pushes the request, remembers what must be found again, and says where to send the browser. The address
 * holds `client_id` and `request_uri` alone, so there is nothing in it to edit. RFC9126-4, FAPI2-SP-FINAL-5.3.3.2.
 *
 * @throws Problem when the bank's login service is away or says no
 */
export function startLink(parts: StartLinkParts, visit: Visit, language: Language): Promise<URL> {
  return recordDecision(parts.audit, 'link.start', { interaction: visit.interaction }, async () => {
    const state = parts.random.token(PROFILE.stateBits);
    // OIDC-CORE-15.5.2 [CLI-07]
    const nonce = parts.random.token(PROFILE.nonceBits);
    // RFC7636-4.1: 43 characters of base64url.
    const codeVerifier = parts.random.token(256);
    const authorizeUrl = await parts.backChannel.push({
      redirectUri: parts.redirectUri,
      state,
      nonce,
      codeVerifier,
      details: wantedDetails(parts.bankApi),
      language,
    });
    await parts.attempts.begin(visit.session, state, { issuer: parts.issuer, nonce, codeVerifier });
    return authorizeUrl;
  });
}
