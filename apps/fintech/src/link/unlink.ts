import type { BackChannel } from '../authorization-server/back-channel.ts';
import type { Audit, Trail } from '../record-decision.ts';
import { recordDecision } from '../record-decision.ts';
import type { Links } from './links.ts';

export interface UnlinkParts {
  readonly backChannel: BackChannel;
  readonly links: Links;
  readonly audit: Audit;
}

/**
 * Ends a link: the bank's login service is told first, then it is forgotten here. When it could not be told, nothing is
 * forgotten, because a token nobody knows any more cannot be withdrawn by anybody.
 *
 * @param action how the audit trail calls it
 * @throws Problem when the login service did not confirm
 */
export function unlink(
  parts: UnlinkParts,
  action: 'link.unlink' | 'link.withdraw',
  linkId: string,
  trail: Trail,
): Promise<void> {
  return recordDecision(parts.audit, action, trail, async () => {
    const tokens = await parts.links.tokensOf(linkId);
    // RFC7009-2.1: revoking the refresh token ends the grant and with it the access tokens.
    if (tokens?.refreshToken !== undefined) await parts.backChannel.revoke(tokens.refreshToken, 'refresh_token');
    else if (tokens?.accessToken !== undefined) await parts.backChannel.revoke(tokens.accessToken, 'access_token');
    await parts.links.forget(linkId);
  });
}
